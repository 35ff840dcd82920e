"""The Train page: a training that is followed, whoever runs it, and the form that starts one."""
