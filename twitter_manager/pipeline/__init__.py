"""What a run does, stage by stage; `run.py` tells the story.

settle and resume (`delivery`), select (`select`: is a post due, which draft), write (`pool_writer` and `fill`: collect,
choose, write, check, judge, save), publish (`delivery`), follow up (`pool_writer`: the pool, fresh news), report
(`report`). `context` has what they all work with; `rehearsal` replaces what would publish.
"""
