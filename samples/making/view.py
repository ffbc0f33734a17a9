"""The measures of the picture that its parts share."""

WIDTH, HEIGHT, FRAMES_PER_SECOND = 1280, 720, 25
MARGIN = 24  # pixels around the frame for the unsteady hand
W, H = WIDTH + 2 * MARGIN, HEIGHT + 2 * MARGIN
SHORE = 430  # the picture row where the lake begins
SUN_X = 850.0
