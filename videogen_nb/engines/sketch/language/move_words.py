"""The words for camera moves that the sketch engine understands, in English and Chinese.

Rows are as in ``words.py``; the tag is a move's name, or ``pan`` for sideways, either way.
"""

from __future__ import annotations

from typing import Final

MOVE_WORDS: Final[tuple[tuple[str, str], ...]] = (
    (
        "push_in",
        """
        push in|pushes in|pushing in|push-in|zoom in|zooms in|zooming in|zoom-in|dolly in|
        dollies in|move closer|moves closer|moving closer|closer|closer and closer|move in|
        moves in|move forward|moves forward|moving forward|forward|approach|approaches|
        close-up|track in|zoom|zoom into|push into|ken burns|推进|推近|推镜|推镜头|拉近|
        靠近|放大|前进|向前|往前|走近|渐近|逼近|特写|镜头推|变焦|缓缓推进|缓慢推进|慢慢推进|
        慢慢靠近
        """,
    ),
    (
        "pull_out",
        """
        pull out|pulls out|pulling out|pull-out|pull back|pulls back|pulling back|pull away|
        pulls away|zoom out|zooms out|zooming out|zoom-out|dolly out|dollies out|move away|
        moves away|move back|moves back|move backward|moves backward|backward|backwards|
        track out|wider and wider|reveal|reveals|zoom back|拉远|拉开|拉出|拉镜|拉镜头|后退|
        推远|缩小|远离|向后|往后|渐远|退后|镜头拉|缓缓拉远|慢慢拉远|拉伸开
        """,
    ),
    (
        "pan_left",
        """
        pan left|pans left|panning left|pan to the left|pans to the left|move left|
        moves left|moving left|slide left|slides left|to the left|leftward|leftwards|
        truck left|track left|right to left|from right to left|向左|左移|左摇|往左|朝左|
        向左平移|向左移动|向左摇|从右向左|从右到左|从右往左|由右向左|自右向左|左平移
        """,
    ),
    (
        "pan_right",
        """
        pan right|pans right|panning right|pan to the right|pans to the right|move right|
        moves right|moving right|slide right|slides right|to the right|rightward|rightwards|
        truck right|track right|left to right|from left to right|向右|右移|右摇|往右|朝右|
        向右平移|向右移动|向右摇|从左向右|从左到右|从左往右|由左向右|自左向右|右平移
        """,
    ),
    (
        "pan_up",
        """
        pan up|pans up|panning up|tilt up|tilts up|tilting up|move up|moves up|moving up|
        upward|upwards|crane up|rise up|rises up|look up|looks up|bottom to top|
        from bottom to top|pedestal up|向上|上移|上摇|往上|朝上|上升|仰拍|抬头|抬升|升镜头|
        向上移动|向上平移|向上摇|从下往上|从下到上|从下向上|由下而上|自下而上
        """,
    ),
    (
        "pan_down",
        """
        pan down|pans down|panning down|tilt down|tilts down|tilting down|move down|
        moves down|moving down|downward|downwards|crane down|look down|looks down|
        top to bottom|from top to bottom|pedestal down|向下|下移|下摇|往下|朝下|下降|低头|
        降镜头|向下移动|向下平移|向下摇|从上往下|从上到下|从上向下|由上而下|自上而下
        """,
    ),
    (
        "pan",
        """
        pan|pans|panning|pan across|pans across|sideways|sweep across|slide|truck|平移|横移|
        摇镜|摇镜头|移镜|移镜头|横摇|水平移动|左右移动
        """,
    ),
    (
        "orbit",
        """
        orbit|orbits|orbiting|orbital|circle around|circles around|circling|rotate|rotates|
        rotating|revolve|revolves|around it|arc shot|arc|3d|2.5d|parallax|depth effect|
        spin around|环绕|围绕|绕着|旋转|转动|绕拍|环拍|视差|立体|三维|立体感|景深|环绕拍摄|
        围着
        """,
    ),
    (
        "handheld",
        """
        handheld|hand-held|hand held|shaky|shaking|shake|vlog|documentary|手持|手持镜头|
        晃动|抖动|轻微晃动|摇晃|摇摆镜头|纪录片
        """,
    ),
    (
        "still",
        """
        still|static|stationary|locked-off|locked off|fixed camera|tripod|motionless|
        no camera movement|no camera motion|camera stands still|still camera|
        camera does not move|without moving the camera|静止|静态|固定镜头|固定机位|不动|
        镜头不动|定格|三脚架|镜头静止|固定
        """,
    ),
)
