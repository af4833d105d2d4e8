"""The status page and the probes, and the files for robots and browsers."""
