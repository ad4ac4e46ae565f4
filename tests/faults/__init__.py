"""The fault driver: the real program as a process, killed or cheated at every point, then everything is counted.

`cases.py` says which cases there are, `world.py` plays one and compares what the servers hold with what the database
reports, `zygote.py` makes the processes, `gateway.py` stands between them and the servers, `clock.py` is the time that
all of them share, `naive.py` is the wrong way to do it, which must be found out. `tests/tracing.py` kills at system
calls. `python -m tests.faults` plays them.
"""
