"""Two runs compared: what is new, fixed, still failing or no longer checked; and a history of many runs.

A comparison is made from results alone, and from transcripts for latency. It is one dict, from which all
its forms are made.
"""
