"""The main job, told on virtual desktops with real parts: an agent's machine, a supervisor's, a server.

``python -m tests.e2e.story`` (``make run`` without a display) leaves numbered pictures and ``report.md``
in ``build/demo/``. The report says what was observed from outside, never what was intended; the same
chapters are asserted in ``tests/e2e/test_story.py``.
"""
