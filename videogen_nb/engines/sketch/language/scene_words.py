"""The words for scenes and moods that the sketch engine understands, in English and Chinese.

Each row gives tags and the phrases that carry them, separated by ``|``. A longer phrase hides the
shorter ones inside it, so that 上海 is a city and no sea. English phrases match whole words, with
a plural s or es; Chinese ones match anywhere. Space around a phrase does not count.

Tags: a scene's name; ``~name`` for a word that only hints at a scene; the fields of a mood (``day``
``dusk`` ``night`` ``snow`` ``rain`` ``mist`` ``wind`` ``flowers``); ``snowy`` for snow that lies
and does not fall; no tag for a phrase that only hides others.
"""

from __future__ import annotations

from typing import Final

SCENE_WORDS: Final[tuple[tuple[str, str], ...]] = (
    (
        "sea",
        """
        sea|ocean|seaside|seashore|seascape|beach|beaches|coast|coastline|coastal|shore|
        shoreline|surf|waves|tide|bay|lagoon|by the sea|ocean waves|sea waves|
        at the seaside|海|大海|海边|海滩|海洋|海面|海上|海岸|海岸线|海浪|海水|海景|海滨|
        海湾|沙滩|浪花|波浪|波涛|浪潮|潮水|潮汐|海平面|碧海|深海|海风
        """,
    ),
    (
        "~sea",
        """
        lake|lakeside|water|river|island|sailboat|boat|湖|湖面|湖水|湖边|水面|河|江|江面|岛|
        海岛|小岛|帆船|小船
        """,
    ),
    (
        "~sea dusk",
        """
        sunset|sundown|sunrise|setting sun|rising sun|日落|夕阳|落日|日出|朝阳|晚霞|朝霞|
        霞光|火烧云|余晖|夕阳西下|日落时分|残阳
        """,
    ),
    ("~sea day", "summer|夏天|夏日|夏季|盛夏"),
    (
        "stars night",
        """
        stars|starry|starry sky|starry night|starlight|starlit|milky way|galaxy|galaxies|
        star trails|constellation|night sky|meteor|meteor shower|shooting star|nebula|
        cosmos|universe|outer space|deep space|星空|星星|繁星|群星|银河|星河|星光|星夜|
        满天星|满天繁星|星轨|流星|流星雨|星辰|星云|星座|夜空|宇宙|太空|星海|漫天星辰|
        夜晚的天空|星辰大海|外太空
        """,
    ),
    (
        "~stars night",
        """
        star|moon|moonlight|moonlit|full moon|space|星|月亮|月光|明月|月夜|圆月|满月|弯月|
        月色
        """,
    ),
    (
        "aurora night",
        """
        aurora|auroras|aurora borealis|aurora australis|northern lights|northern light|
        southern lights|polar lights|polar light|极光|北极光|南极光|欧若拉
        """,
    ),
    (
        "clouds",
        """
        cloud|clouds|cloudy|cloudscape|sea of clouds|blue sky|sky with clouds|clear sky|
        overcast|white clouds|drifting clouds|storm clouds|云|云朵|白云|云海|云彩|蓝天|
        蓝天白云|天空|乌云|云层|浮云|流云|云卷云舒|风起云涌|晴空|万里无云|多云|阴天
        """,
    ),
    ("~clouds", "sky|skies|heaven|above the clouds|rainbow|天|天上|高空|彩虹|天际|长空|云端"),
    (
        "mountains",
        """
        mountain|mountains|mountainous|hill|hills|hillside|peak|peaks|alps|alpine|ridge|
        summit|valley|valleys|canyon|cliff|volcano|volcanoes|himalaya|himalayas|highland|
        mountain range|mount fuji|rocky mountains|山|群山|山峰|山脉|高山|山谷|山峦|山岭|
        远山|山顶|山川|青山|大山|山间|山里|峡谷|峰峦|丘陵|山林|山水|黄山|泰山|富士山|
        珠穆朗玛峰|阿尔卑斯|喜马拉雅|火山|山丘|山野|崇山峻岭
        """,
    ),
    (
        "mountains snowy",
        """
        snow mountain|snowy mountain|snow-capped mountain|snow capped mountain|
        snow-capped peak|snowcapped mountain|snowy peak|snow-covered mountain|
        snow covered mountain|glacier|雪山|雪峰|冰川|雪域高原
        """,
    ),
    (
        "mountains mist",
        """
        山间云雾|云雾缭绕的山|misty mountain|foggy mountain|水墨山水|烟雨江南
        """,
    ),
    (
        "~mountains",
        """
        landscape|nature|scenery|countryside|grassland|plateau|desert|风景|自然|大自然|景色|
        田野|草原|高原|沙漠|村庄|乡村
        """,
    ),
    (
        "snow snow",
        """
        snow|snowing|snowfall|snowflake|falling snow|snow falling|heavy snow|light snow|
        first snow|下雪|飘雪|雪花|大雪|小雪|落雪|暴雪|初雪|雪中|雪|鹅毛大雪|雪花飘落|
        雪花纷飞|漫天飞雪|飞雪|瑞雪
        """,
    ),
    ("snow snow wind", "blizzard|snowstorm|snow storm|暴风雪|风雪"),
    ("snow snow night", "雪夜"),
    (
        "~snow snowy",
        """
        snowy|winter|wintry|winter forest|snowy forest|snowy night|icy|frozen|ice|frost|
        christmas|雪景|雪地|冬天|冬季|冬日|寒冬|冰雪|雪原|雪林|雪国|雪森林|圣诞|积雪|
        白雪皑皑
        """,
    ),
    (
        "rain rain",
        """
        rain|raining|rainy|rainfall|raindrop|rainstorm|drizzle|downpour|thunderstorm|
        heavy rain|rain drops|in the rain|rain on a window|rainy day|rainy window|下雨|雨|
        雨天|大雨|小雨|细雨|暴雨|雨滴|雨水|雨中|雷雨|阵雨|毛毛雨|雨丝|雨声|春雨|梅雨|雨点|
        雨打窗户|雨窗|倾盆大雨|绵绵细雨|雨季
        """,
    ),
    ("rain rain night", "雨夜|夜雨|rainy night"),
    ("~rain", "umbrella|puddle|雨伞|水洼|雨巷"),
    (
        "fire",
        """
        fire|campfire|bonfire|fireplace|flame|flames|flaming|burning|burning wood|embers|
        ember|hearth|camp fire|log fire|crackling fire|blaze|火|篝火|火焰|营火|火堆|壁炉|
        炉火|火苗|柴火|火光|烈火|燃烧|余烬|火花|熊熊烈火|熊熊大火|烛火
        """,
    ),
    ("~fire", "candle|candlelight|torch|camping|warmth|蜡烛|烛光|火把|露营|温暖"),
    (
        "city",
        """
        city|cities|cityscape|skyline|urban|downtown|skyscraper|street|streets|metropolis|
        megacity|city street|town|building|buildings|new york|tokyo|shanghai|hong kong|
        beijing|london|paris|城市|都市|街道|街头|高楼|大厦|摩天大楼|高楼大厦|城|市区|天际线|
        城镇|小镇|楼群|上海|北京|香港|纽约|东京|广州|深圳|重庆|外滩|陆家嘴|大都市|赛博都市
        """,
    ),
    (
        "city night",
        """
        city lights|city light|neon|neon lights|neon city|cyberpunk|nightlife|
        city nightscape|夜景|霓虹|霓虹灯|万家灯火|城市夜景|城市灯光|城市灯火|华灯初上|
        灯火辉煌|灯火阑珊|赛博朋克|不夜城|夜市
        """,
    ),
    ("~city night", "lights|traffic|street lamp|lantern|灯光|灯火|路灯|车流|灯笼|车水马龙"),
    (
        "leaves",
        """
        falling leaves|fallen leaves|autumn leaves|leaf|leaves|foliage|autumn|maple|
        maple leaf|maple leaves|ginkgo|ginkgo leaves|fall foliage|fall colors|fall colours|
        autumn forest|落叶|树叶|枫叶|银杏|叶子|秋叶|红叶|黄叶|秋天|秋季|秋日|深秋|金秋|枫林|
        秋色|落叶纷飞|秋意
        """,
    ),
    (
        "leaves wind",
        """
        leaves in the wind|leaves blowing|windblown leaves|秋风|秋风扫落叶|风吹落叶
        """,
    ),
    (
        "leaves flowers",
        """
        flower|flowers|blossom|blossoms|cherry blossom|cherry blossoms|sakura|petal|petals|
        peach blossom|plum blossom|rose petals|roses|red rose|lotus|tulip|sunflower|
        lavender|spring|wildflower|flower field|in bloom|blooming|花|花瓣|樱花|桃花|梅花|
        花朵|鲜花|花海|玫瑰|荷花|莲花|郁金香|向日葵|薰衣草|春天|春季|春日|花开|落花|樱花雨|
        花瓣雨|花瓣飘落|樱花飘落|油菜花|百花|落英缤纷|花丛|花园
        """,
    ),
    (
        "~leaves",
        """
        tree|forest|woods|garden|park|grass|meadow|bamboo|树|树林|森林|竹林|草地|公园|大树|
        竹子|林间|麦田
        """,
    ),
    (
        "abstract",
        """
        abstract|geometric|gradient|fractal|liquid color|liquid colour|swirl|swirling|抽象|
        渐变|几何|分形|流体|流动的色彩|色彩流动|光影|粒子|极简
        """,
    ),
)

MOOD_WORDS: Final[tuple[tuple[str, str], ...]] = (
    (
        "day",
        """
        day|daytime|daylight|noon|midday|afternoon|sunny|sunlight|sunshine|bright day|
        morning|白天|中午|正午|下午|晴天|阳光|阳光明媚|晴朗|午后|上午|早晨|清晨|早上|艳阳|
        烈日|风和日丽
        """,
    ),
    (
        "~sea dusk",
        """
        dusk|twilight|evening|golden hour|dawn|daybreak|first light|afterglow|magic hour|
        黄昏|傍晚|暮色|黎明|破晓|拂晓|曙光|晨曦|薄暮|日暮|黄金时刻|蓝调时刻
        """,
    ),
    (
        "~stars night",
        """
        night|nighttime|at night|midnight|nights|late night|nocturnal|after dark|夜晚|夜|
        夜间|深夜|午夜|晚上|夜里|夜色|黑夜|夜幕|半夜|今夜|夜深人静
        """,
    ),
    (
        "~mountains mist",
        """
        mist|misty|fog|foggy|haze|hazy|雾|薄雾|晨雾|云雾|雾气|大雾|浓雾|迷雾|烟雾|雾霭|
        云雾缭绕|朦胧|雾蒙蒙|仙气
        """,
    ),
    ("day mist", "morning mist|morning fog|清晨薄雾"),
    (
        "~leaves wind",
        """
        wind|windy|breeze|breezy|gale|storm|stormy|in the wind|gust|风|微风|大风|狂风|风中|
        刮风|清风|寒风|狂风暴雨|随风|风暴|春风|晚风|暴风
        """,
    ),
    (
        "",
        """
        spring water|hot spring|waves of|star wars|movie star|rock star|pop star|starfish|seafood|
        rainforest|rain forest|fire truck|firefighter|fireworks|firework|fireflies|firefly|
        snow white|snowman|snow leopard|cloud computing|birthday|day by day|every day|
        someday|to fall|waterfall|high tide|five star|season|dragon|lava lamp|still water|
        still lake|still life|上海滩|海鲜|海报|海绵|海豚|海鸥|海军|海关|海南|海外|脑海|海拔|
        人海|星期|明星|星巴克|歌星|影星|火星|火车|火锅|火箭|火鸡|火龙果|火柴|火热|烟火|烟花|
        萤火虫|雪糕|雪碧|雪人|雪豹|雪白|雨林|热带雨林|雨衣|雨伞架|云南|云计算|山东|山西|
        山寨|花生|花费|花样|花木兰|天天|今天|天气|明天|昨天|每天|聊天|天使|天才|天鹅|春天里|风格|
        风扇|风筝|风车|风衣|画风|台风天|江苏|江西|浙江|河南|河北|城堡|长城|树立|夜莺|星探|
        温暖的色调
        """,
    ),
)
