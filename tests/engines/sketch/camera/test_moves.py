"""Moves stay inside the image, start and end at rest, go where their names say."""

import itertools

import pytest

from videogen_nb.engines.sketch.camera.moves import MOVES, Stage, Sway, ease
from videogen_nb.engines.sketch.camera.planes import bounds
from videogen_nb.engines.sketch.catalogue import RATIOS

PICTURES = {"landscape": (1600, 1200), "portrait": (900, 1600), "square": (500, 500)}
PICTURES |= {"panorama": (4000, 600), "tower": (400, 3000), "tiny": (16, 16)}
FRAMES = {name: across / down for name, (across, down) in RATIOS.items()}


def stage(size=(1600, 1200), ratio=16 / 9, focus=(0.5, 0.5), duration_s=5.0, seed=3):
    return Stage(size[0], size[1], ratio, focus, duration_s, seed)


def views(shot, steps=96):
    return [shot.view(i / steps) for i in range(steps + 1)]


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("size", PICTURES.values(), ids=PICTURES)
def test_no_edge_is_ever_shown(move, size):
    for ratio, focus, duration in itertools.product(
        FRAMES.values(), [(0.5, 0.5), (0.28, 0.72)], [1.0, 5.0, 15.0]
    ):
        shot = MOVES[move].shot(stage(size, ratio, focus, duration))
        for view in views(shot, 48):
            # the nearest depth is 0.55 from the middle, and the far side of an arc is smaller
            smaller = shot.yaw / (1 - shot.yaw) / 2
            across = (shot.parallax * 0.56 + smaller) * view.width
            down = (shot.parallax * 0.28 + smaller / ratio) * view.width
            left, top, right, bottom = bounds(view, ratio)
            assert left >= across - 1e-6
            assert top >= down - 1e-6
            assert right <= size[0] - across + 1e-6
            assert bottom <= size[1] - down + 1e-6


@pytest.mark.parametrize("move", [m for m in MOVES if m != "handheld"])
def test_a_move_starts_and_ends_at_rest_and_never_jerks(move):
    shot = MOVES[move].shot(stage())
    seen = views(shot, 120)
    speed = [
        max(abs(b.x - a.x), abs(b.y - a.y), abs(b.width - a.width))
        for a, b in itertools.pairwise(seen)
    ]
    assert max(speed) > 0
    assert speed[0] < 0.02 * max(speed)
    assert speed[-1] < 0.02 * max(speed)
    assert max(abs(b - a) for a, b in itertools.pairwise(speed)) < 0.06 * max(speed)


def test_ease_runs_from_rest_to_rest_and_only_forwards():
    steps = [ease(i / 1000) for i in range(1001)]
    assert steps[0] == 0
    assert steps[-1] == 1
    assert steps[500] == pytest.approx(0.5)
    assert all(b > a for a, b in itertools.pairwise(steps))
    assert max(b - a for a, b in itertools.pairwise(steps)) < 1.6 / 1000


@pytest.mark.parametrize(
    ("move", "axis", "sign"),
    [("pan_left", "x", -1), ("pan_right", "x", 1), ("pan_up", "y", -1), ("pan_down", "y", 1)],
)
@pytest.mark.parametrize("size", PICTURES.values(), ids=PICTURES)
def test_pans_go_where_their_names_say(move, axis, sign, size):
    shot = MOVES[move].shot(stage(size))
    way = getattr(shot.end, axis) - getattr(shot.start, axis)
    assert sign * way > 0.08 * shot.start.width / (1 if axis == "x" else 16 / 9)
    other = "y" if axis == "x" else "x"
    assert abs(getattr(shot.end, other) - getattr(shot.start, other)) < 0.02 * shot.start.width


def test_pushing_in_ends_narrower_and_pulling_out_is_its_reverse():
    push, pull = (MOVES[m].shot(stage()) for m in ("push_in", "pull_out"))
    assert push.end.width < 0.9 * push.start.width
    assert (pull.start, pull.end) == (push.end, push.start)


def test_a_zoom_keeps_one_point_still():
    shot = MOVES["push_in"].shot(stage(focus=(0.3, 0.6)))
    a, b = shot.view(0), shot.view(1)
    u = (b.x - a.x) / (a.width - b.width)  # the fixed point's place in the frame, from the middle
    fixed = [view.x + u * view.width for view in views(shot)]
    assert max(fixed) - min(fixed) < 1e-6


@pytest.mark.parametrize("move", MOVES)
def test_longer_videos_are_calmer(move):
    def per_second(duration):
        shot = MOVES[move].shot(stage(duration_s=duration))
        a, b = shot.view(0.45), shot.view(0.55)
        return max(abs(b.x - a.x), abs(b.y - a.y), abs(b.width - a.width)) / duration

    assert per_second(15.0) < per_second(2.0) or move == "handheld"


def test_a_hand_sways_within_its_bounds_and_by_its_seed():
    sway = Sway.of(7)
    track = [sway(i / 24) for i in range(360)]
    assert all(abs(channel) <= 1 for moment in track for channel in moment)
    assert max(abs(x) for x, _, _ in track) > 0.3
    assert Sway.of(7)(1.25) == sway(1.25)
    assert Sway.of(8)(1.25) != sway(1.25)
