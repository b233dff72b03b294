// Its own code never ends.
for (;;);
