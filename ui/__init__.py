"""People and programs meet Readout here: the command line, the web chat, the JSON contracts."""
