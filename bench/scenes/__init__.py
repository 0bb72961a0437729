"""What is called, and with what, so that every function of the service is."""

from bench.scenes import administering, broadcasting, own_data, talking, working

SCENES = (
    *talking.SCENES,
    *working.SCENES,
    *administering.SCENES,
    *broadcasting.SCENES,
    *own_data.SCENES,
)
