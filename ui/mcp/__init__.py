"""AI clients meet Readout here: its tools over the Model Context Protocol, by pipe or by HTTP.

Nothing but `server` and `stdio` needs the packages of the extra ``readout[mcp]``.
"""

#: The extra, the package that it is about, and the first major version of that which will do.
EXTRA = ("mcp", "mcp", 2)
