"""What starts the runs: the user's crontab, or a systemd timer. `install` is where the verbs and the doctor begin."""
