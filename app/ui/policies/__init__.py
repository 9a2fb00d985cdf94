"""The editor of policies: what is done about alerts that nobody answers, for supervisors and admins."""
