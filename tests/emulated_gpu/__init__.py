"""A GPU that is emulated on the CPU, for what runs on one to be tried without: devices, waits, recorded steps."""
