"""An image seen through the camera: every pixel where it belongs, smooth below a pixel."""

import itertools

import cv2
import numpy as np
import pytest
from PIL import Image

from videogen_nb.engines.rendering.decoding import read_rgb
from videogen_nb.engines.rendering.encode import Reel
from videogen_nb.engines.sketch.camera.moves import MOVES, Stage
from videogen_nb.engines.sketch.camera.subject import depth, subject
from videogen_nb.engines.sketch.camera.video import ImageVideo
from videogen_nb.errors import EngineError
from videogen_nb.media.yuv import plane

from .marks import expected_places, found

SIZE = (640, 360)
FRAMES = 24
FLAT = [name for name in MOVES if name != "orbit"]


def video(rgb, move, size=SIZE, frames=FRAMES, duration_s=1.0, seed=3):
    height, width = rgb.shape[:2]
    stage = Stage(width, height, size[0] / size[1], (0.55, 0.45), duration_s, seed)
    shot = MOVES[move].shot(stage)
    return ImageVideo(rgb, shot, Reel(size[0], size[1], 24, frames), seed), shot


def luma(frame):
    return plane(frame, 0).copy()


@pytest.mark.parametrize("move", [m for m in FLAT if m != "still"])
def test_marks_follow_the_ideal_path_to_a_hundredth_of_a_pixel(move, chart, places):
    made, shot = video(chart, move)
    steps = []
    for i in range(FRAMES):
        expected = expected_places(places, shot.view(i / (FRAMES - 1)), SIZE)
        steps.append(found(luma(made.frame(i)), expected) - expected)
    away = np.array(steps)
    away = away[:, ~np.isnan(away).any(axis=(0, 2))]
    assert away.shape[1] >= 10
    shake = away[2:] - 2 * away[1:-1] + away[:-2]
    assert np.sqrt((away**2).mean()) < 0.008
    assert shake.std() < 0.012
    assert shake.mean(axis=1).std() < 0.003  # the whole image shaking, which the eye sees


def test_whole_pixel_steps_would_be_noticed(chart, places):
    """The measure of the test above is not blind: a crop at whole pixels fails it many times."""
    _, shot = video(chart, "push_in")
    steps = []
    for i in range(FRAMES):
        view = shot.view(i / (FRAMES - 1))
        w, h = round(view.width), round(view.width * SIZE[1] / SIZE[0])
        x, y = round(view.x - w / 2), round(view.y - h / 2)
        crop = cv2.resize(chart[y : y + h, x : x + w, 0], SIZE, interpolation=cv2.INTER_AREA)
        expected = expected_places(places, view, SIZE)
        steps.append(found(crop, expected) - expected)
    away = np.array(steps)
    shake = away[2:] - 2 * away[1:-1] + away[:-2]
    assert np.nanstd(np.nanmean(shake, axis=1)) > 0.04


def test_colours_and_places_come_through(chart):
    """An image of its own coordinates: red grows to the right, green downwards."""
    h, w = chart.shape[:2]
    y, x = np.mgrid[0:h, 0:w]
    rgb = np.rint(np.stack([x * 255 / w, y * 255 / h, np.full((h, w), 90)], axis=2))
    made, shot = video(rgb.astype(np.uint8), "push_in")
    shown = made.frame(FRAMES // 2).to_ndarray(format="rgb24").astype(float)
    view = shot.view((FRAMES // 2) / (FRAMES - 1))
    step = view.width / SIZE[0]
    at_x = view.x + (np.arange(SIZE[0]) + 0.5 - SIZE[0] / 2) * step
    at_y = view.y + (np.arange(SIZE[1]) + 0.5 - SIZE[1] / 2) * step
    for channel, ideal in enumerate(((at_x * 255 / w)[None], (at_y * 255 / h)[:, None], 90)):
        away = shown[..., channel] - ideal
        assert np.abs(away).mean() < 3
        assert abs(away.mean()) < 2


@pytest.mark.parametrize("size", [(320, 180), (180, 320), (240, 240)])
@pytest.mark.parametrize("move", [m for m in MOVES if m != "still"])
def test_nothing_beyond_the_image_is_sampled(move, size, monkeypatch):
    """With every place outside the source painted white, no frame of a gray image has any."""
    rgb = np.full((400, 400, 3), 60, np.uint8)
    for name in ("warpAffine", "remap"):
        monkeypatch.setattr(cv2, name, with_white_outside(getattr(cv2, name)))
    made, _ = video(rgb, move, size, frames=8, duration_s=5.0)
    brightest = [int(luma(made.frame(i)).max()) for i in range(8)]
    assert max(brightest) < 80


def with_white_outside(sample):
    def sampled(source, *args, **kwargs):
        if source.dtype == np.uint8:
            kwargs |= {"borderMode": cv2.BORDER_CONSTANT, "borderValue": 255}
        return sample(source, *args, **kwargs)

    return sampled


@pytest.mark.parametrize("move", MOVES)
def test_a_frame_depends_on_its_index_alone(move, chart):
    forwards, _ = video(chart, move)
    backwards, _ = video(chart, move)
    one = [luma(forwards.frame(i)) for i in range(FRAMES)]
    other = [luma(backwards.frame(i)) for i in reversed(range(FRAMES))][::-1]
    assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))
    moved = [psnr(a, b) for a, b in itertools.pairwise(one)]
    assert min(moved) < 50  # so a video shifted by one frame would be told apart


def psnr(a, b):
    error = float(((a.astype(float) - b) ** 2).mean())
    return 99.0 if error == 0 else 10 * np.log10(255**2 / error)


def test_orbiting_shifts_near_against_far():
    """Texture above is far, texture below is near: they go apart sideways as the camera orbits."""
    rng = np.random.default_rng(2)
    rgb = cv2.GaussianBlur(rng.integers(0, 255, (480, 640, 3), np.uint8), (0, 0), 3)
    made, shot = video(rgb, "orbit", (640, 480), duration_s=5.0)
    frames = [luma(made.frame(i)).astype(np.float32) for i in range(FRAMES)]

    def way(rows):
        total = 0.0
        for a, b in itertools.pairwise(frame[rows, 200:440] for frame in frames):
            (across, _), _ = cv2.phaseCorrelate(a, b)
            total += across
        return total

    assert way(slice(40, 140)) - way(slice(340, 440)) > 0.5 * shot.parallax * 640


def test_around_a_page_the_camera_orbits_without_bending_a_line():
    rgb = np.full((450, 800, 3), 235, np.uint8)
    rgb[150:155] = rgb[300:305] = 20
    stage = Stage(800, 450, SIZE[0] / SIZE[1], (0.5, 0.5), 5.0, 3, flat=True)
    made = ImageVideo(rgb, MOVES["orbit"].shot(stage), Reel(*SIZE, 24, FRAMES), 3)
    gaps = []
    for index in (0, FRAMES // 2, FRAMES - 1):
        dark = np.clip(150 - luma(made.frame(index)).astype(float), 0, None)
        rows = np.arange(SIZE[1] // 2)[:, None]
        upper, lower = dark[: len(rows)], dark[len(rows) :]
        lines = [(half * rows).sum(0) / half.sum(0) for half in (upper, lower)]
        columns = np.arange(SIZE[0])
        for line in lines:
            straight = np.polyval(np.polyfit(columns, line, 1), columns)
            assert np.abs(line - straight).max() < 0.5
        gaps.append(lines[1] + len(rows) - lines[0])
    assert gaps[0][20] > 1.04 * gaps[0][-20]  # it begins at the left, whose side is larger
    assert gaps[-1][-20] > 1.04 * gaps[-1][20]


def test_drifting_light_moves_but_leaves_black_and_white_alone():
    rgb = np.full((360, 640, 3), 128, np.uint8)
    rgb[:, :160] = 0
    rgb[:, 480:] = 255
    made, _ = video(rgb, "still", duration_s=5.0)
    first, last = luma(made.frame(0)), luma(made.frame(FRAMES - 1))
    middle = np.abs(first[:, 240:400].astype(int) - last[:, 240:400])
    assert middle.max() >= 4
    for frame in (first, last):
        assert np.all(frame[:, :100] == 16)
        assert np.all(frame[:, 560:] == 235)


def test_depth_grows_towards_the_lower_edge_and_stays_in_bounds(chart):
    guess = depth(chart)
    assert guess.min() == 0
    assert guess.max() == pytest.approx(1)
    assert guess[-20:].mean() > guess[:20].mean() + 0.5


def test_the_focus_is_drawn_to_what_stands_out():
    plain = np.full((300, 400, 3), 120, np.uint8)
    assert subject(plain).focus == pytest.approx((0.5, 0.5), abs=0.02)
    plain[60:120, 280:340] = (230, 40, 30)
    x, y = subject(plain).focus
    assert x > 0.58
    assert y < 0.45
    assert subject(plain[:, ::-1]).focus[0] == pytest.approx(1 - x, abs=0.02)


@pytest.mark.parametrize(
    ("enough", "expected"), [(1200, (1200, 1600)), (600, (600, 800)), (250, (300, 400))]
)
def test_a_large_image_is_read_no_larger_than_needed(tmp_path, enough, expected):
    path = tmp_path / "large.jpg"
    Image.fromarray(np.full((1200, 1600, 3), (200, 60, 20), np.uint8)).save(path)
    rgb = read_rgb(path, 1600, 1200, enough)
    assert rgb.shape[:2] == expected
    assert rgb[10, 10, 0] > 180 > rgb[10, 10, 2]


@pytest.mark.parametrize("content", [None, b"", b"no image"], ids=["gone", "empty", "text"])
def test_a_image_that_cannot_be_read_is_told(tmp_path, content):
    path = tmp_path / "image.png"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(EngineError, match="Upload it again"):
        read_rgb(path, 10, 10, 10)
