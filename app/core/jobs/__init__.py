"""The only room in which processes and threads are started.

Long work is a `ProcessJob`: one of the project's own commands, followed through the JSON lines it writes. Live work
is a `LiveWorker`: one thread that owns what it loaded (the models, or an open cache) and answers small requests.
Both speak to the rest of the app through signals delivered on the GUI thread, and are silent from `stop()` on. What
that takes to end ends behind the window (`ending`). A `TrainingProcess` is a training, which may go on when the window
is gone.
"""
