"""Tells a person by e-mail or chat what needs them: after a run, as one message a channel.

`rules` decides what is worth telling (pure), `facts` gathers what they look at, `words` makes messages, `notifier`
keeps notices in the database until they are through, and `sending` hands messages to the library `apprise` in processes
of their own (`worker`), which can't hold up a run, and whose log nobody sees.
"""
