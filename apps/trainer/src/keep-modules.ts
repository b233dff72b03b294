import '@rampart/core/module-cache';
