from __future__ import annotations
import math
from typing import ClassVar
import cv2, numpy as np
from ....i18n import Text
from ..noise import *
from .base import Mood, Scene
from .skyline import Daylight, build_skyline
from .river import River
from .spots import add_spots

class CityScene(Scene):
    name: ClassVar[str] = "city"
    title: ClassVar[Text] = Text("City lights", "城市夜景")
    example: ClassVar[Text] = Text("City lights at night", "夜晚的城市灯火")

    def __init__(self, width, height, seed, mood):
        super().__init__(width, height, seed, mood)
        r=rng(seed,1); W,H=width,height
        unit=min(H,1.2*W); f=1.1*unit
        self.yb=yb=round(H*(.635 if W>=H else .66))
        look=int(r.integers(3))
        if mood.time=='dusk': look=3
        sky=[
          ((0,'#040716'),(.45,'#0c1434'),(.8,'#232a52'),(1,'#4a4258')),
          ((0,'#07061a'),(.4,'#1a1238'),(.75,'#402455'),(1,'#7a4560')),
          ((0,'#0a1c44'),(.45,'#1f427a'),(.8,'#4a74a0'),(1,'#a08a8c')),
          ((0,'#1b2a5e'),(.4,'#5a4a86'),(.7,'#c86a78'),(.9,'#f49a5c'),(1,'#ffc070'))][look]
        y=(np.arange(yb)+.5)/yb
        base=gradient(sky,y)*F((.8,.8,.9,1.1)[look])
        day=Daylight(lit=(1,1,.85,.55)[look],facade=gradient(sky,np.array([.55]))[0]*F((.20,.16,.22,.20)[look])+F(.006),air=base[int(yb*.86)]*F(.9),street=linear('#ff9a48')*F(.22))
        sl=build_skyline(W,yb,f,.80*yb if W>=H else .50*yb,day,seed)
        img=base[:,None]*np.ones((1,W,1),F)
        img=img*(1-sl.cover)[...,None]+sl.light
        sm=cv2.resize(np.minimum(sl.light,3),(W//4,yb//4),interpolation=cv2.INTER_AREA)
        b=cv2.GaussianBlur(sm,(0,0),unit/4/110)*.28+cv2.GaussianBlur(sm,(0,0),unit/4/18)*.40
        img+=cv2.resize(b,(W,yb))
        self.city=img
        self.river=River(img,H-yb,unit,seed,1,linear('#081420')*.12)
    def frame(self,t):
        W,H,yb=self.width,self.height,self.yb
        out=self.buffer('out',(H,W,3)); out[:yb]=self.city
        self.river(t,out[yb:])
        return out
