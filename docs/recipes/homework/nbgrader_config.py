"""The course of the homework "write your own poller": run nbgrader in this folder."""

c = get_config()  # noqa: F821 — nbgrader's own

c.CourseDirectory.course_id = "videogen"
c.ExecutePreprocessor.timeout = 300  # a real video is made in it
