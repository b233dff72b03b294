// Its own code ends the process.
process.exit(0);
