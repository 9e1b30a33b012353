"""More to learn from than the gold sets have: their sentences with other names, and lines such as pages have them.

Names in the lines are Faker's (MIT). Those in the sentences are put together from parts of the names that stand there,
so that most of them are in no dictionary and have to be known by what is around them.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

Row = dict[str, Any]
LOCALES = {"ja": "ja_JP", "ko": "ko_KR"}
# Names from abroad, and what their parts are joined with.
ABROAD = {"ja": re.compile(r"[ァ-ヺー]{2,}(?:・[ァ-ヺー]+)*"), "ko": re.compile(r"[가-힣]{2,}(?: [가-힣]{2,})+")}
JOINT = {"ja": "・", "ko": " "}
OURS = {"ja": re.compile("[一-鿿々]{3,5}"), "ko": re.compile("[가-힣]{3}")}  # full names of the country
FAMILY = {"ja": 2, "ko": 1}  # characters of most family names

# {0} and {1} are full names, {2} is a family name.
LINES: Mapping[str, Sequence[str]] = {
    "ja": (
        "取材・文／{0}", "取材：{0}　撮影：{1}", "{0}（ライター）", "【執筆者】{0}", "記者　{0}", "編集部 {0}",
        "投稿者: {0} | 2023年4月2日", "Posted by {0} at 12:34", "代表取締役社長　{0}", "院長 {0}", "担当：{2}",
        "作詞：{0} 作曲：{1}", "出演：{0}、{1}ほか", "監督・脚本：{0}", "{0}、{1}", "１位　{0}　２位　{1}",
        "講師の{2}先生からお話をうかがいました。", "{2}さん、コメントありがとうございます！",
        "{2}様よりご投稿いただきました。", "Copyright © {0} All Rights Reserved.", "著者プロフィール　{0}",
        "{0}著『春の本』", "by {0}", "「{0}」の記事一覧", "店長の{2}です。今日は新商品のご案内です。",
        "お問い合わせは総務課・{2}まで", "{0}氏（右）と{1}氏", "議長　{0}君",
    ),
    "ko": (
        "[사진={0}]", "글·사진 {0}", "{0} 기자 = ", "{0} 특파원", "(서울=뉴스) {0} 기자", "작성자 {0} | 2023.04.02",
        "등록자 : {0}", "대표이사 {0}", "원장 {0}", "담당자 {2}", "감독 {0} 출연 {1}", "작사 {0} 작곡 {1}",
        "{0}, {1} 외", "1위 {0} 2위 {1}", "{0} 님의 글", "{2} 선생님께 감사드립니다.", "{2}씨 댓글 잘 봤습니다.",
        "저자 {0} 역자 {1}", "Copyright © {0}. All rights reserved.", "{0} 교수(왼쪽)와 {1} 박사",
        "문의: 총무과 {2} 주임", "{0}(35·서울)씨는 고개를 저었다.", "by {0}", "'{0}'의 글 목록",
        "안녕하세요, {0}입니다.", "편집 {0} 디자인 {1}",
    ),
}  # fmt: skip
# The same places without a name of a person in them: {0}, {1} and {2} are places, {3} is a family name.
EMPTY: Mapping[str, Sequence[str]] = {
    "ja": (
        "ホーム　会社概要　採用情報　アクセス", "カテゴリー: 日記・コラム・つぶやき", "前の記事　次の記事",
        "ログイン | 新規会員登録", "投稿者: 管理人 | 2023年4月2日", "取材・文／編集部", "カートを見る",
        "東京都 千葉県 神奈川県 埼玉県", "プライバシーポリシー", "商品レビューを書く",
        "人気ランキング　新着順　価格の安い順", "スタッフブログ", "出演：劇団員ほか", "読者の皆様へ", "お客様の声",
        "店長のおすすめ", "山田駅から徒歩5分", "松本市役所", "福島県福島市", "本田技研工業株式会社",
        "トップページに戻る", "{0} {1} {2}", "{0}　{1}　{2}", "{0}・{1}・{2}", "{0}、{1}、{2}など全国各地",
        "{0}のホテル", "{0} > {1} > 賃貸", "{0}店 {1}店 {2}店", "{0}の天気", "{3}工業株式会社", "{3}駅から徒歩3分",
        "{3}市立図書館", "{3}クリニック 診療時間", "{3}川の花火大会", "{3}町商店街",
    ),
    "ko": (
        "홈 회사소개 채용정보 오시는 길", "카테고리: 일상·생각", "이전글 다음글", "로그인 | 회원가입",
        "작성자 관리자 | 2023.04.02", "장바구니 보기", "서울 부산 대구 인천 광주", "개인정보처리방침", "상품평 쓰기",
        "인기순 최신순 낮은 가격순", "글·사진 편집부", "독자 여러분께", "고객센터 운영시간", "이전 페이지",
        "이 글을 공유하기", "정 많은 사람들", "한 번 더 보기", "문의: 총무과", "강남구 역삼동", "성남시청",
        "현대자동차 주식회사", "저자 소개", "안녕하세요, 반갑습니다.", "{0} {1} {2}", "{0}, {1}, {2} 등",
        "{0} > {1} > 원룸", "{0}점 {1}점 {2}점", "{0}의 날씨", "{0}·{1}·{2}", "{0} 호텔 예약",
    ),
}  # fmt: skip


def lines(language: str, copies: int, seed: int) -> Iterator[Row]:
    """Each line `copies` times, with other names each time."""
    faker, chance = _faker(language, seed), random.Random(seed)
    for _ in range(copies):
        for line in LINES[language]:
            yield _filled(line, (_full(faker, chance), _full(faker, chance), faker.last_name()), language)
        for line in EMPTY[language]:
            places = (_place(faker, language) for _ in range(3))
            yield {"text": line.format(*places, faker.last_name()), "spans": [], "lang": language}


def _filled(line: str, names: Sequence[str], language: str) -> Row:
    text, spans = "", []
    for part in re.split(r"(\{\d\})", line):
        if part.startswith("{"):
            name = names[int(part[1])]
            spans.append({"start": len(text), "end": len(text) + len(name), "label": "PERSON"})
            part = name
        text += part
    return {"text": text, "spans": spans, "lang": language}


def _place(faker: Any, language: str) -> str:
    """A prefecture or a town, mostly without the word that says so."""
    if language == "ja":
        return str(faker.random_element([faker.prefecture()[:-1], faker.city()[:-1], faker.town()]))
    return str(faker.random_element([faker.city()[:-1], faker.borough(), faker.metropolitan_city()[:2]]))


def renamed(rows: Iterable[Row], language: str, seed: int) -> Iterator[Row]:
    """The rows that have persons, with others in their place; short names stay."""
    listed = [row for row in rows if any(span["label"] == "PERSON" for span in row["spans"])]
    new = Names(listed, language, seed)
    for row in listed:
        text, place, spans = "", 0, []
        for span in sorted((one for one in row["spans"] if one["label"] == "PERSON"), key=lambda one: one["start"]):
            text += row["text"][place : span["start"]]
            name = new(row["text"][span["start"] : span["end"]])
            spans.append({"start": len(text), "end": len(text) + len(name), "label": "PERSON"})
            text, place = text + name, span["end"]
        yield {"text": text + row["text"][place:], "spans": spans, "lang": language}


class Names:
    """Makes a name like another one from the parts of many."""

    def __init__(self, rows: Iterable[Row], language: str, seed: int) -> None:
        self._abroad, self._ours, self._joint = ABROAD[language], OURS[language], JOINT[language]
        self._family = FAMILY[language]
        self._chance = random.Random(seed)
        self._first: list[str] = []
        self._last: list[str] = []
        self._full: dict[int, list[str]] = defaultdict(list)
        for row in rows:
            for span in row["spans"]:
                if span["label"] == "PERSON":
                    self._learn(row["text"][span["start"] : span["end"]])

    def _learn(self, name: str) -> None:
        if self._ours.fullmatch(name):
            self._full[len(name)].append(name)
        elif self._abroad.fullmatch(name):
            *first, last = name.split(self._joint)
            self._first += first
            self._last.append(last)

    def __call__(self, name: str) -> str:
        """Another name of as many parts, or characters; the same one where it is neither a full nor a foreign name."""
        if self._ours.fullmatch(name):
            other = self._like(name)
            while _is_closed(other) != _is_closed(name):
                other = self._like(name)
            return other
        if self._abroad.fullmatch(name):
            parts = name.split(self._joint)
            return self._joint.join(
                [*(self._chance.choice(self._first) for _ in parts[1:]), self._chance.choice(self._last)]
            )
        return name

    def _like(self, name: str) -> str:
        pool = self._full[len(name)]
        given = (self._chance.choice(pool)[at] for at in range(self._family, len(name)))
        return self._chance.choice(pool)[: self._family] + "".join(given)


def _is_closed(name: str) -> bool:
    """Whether a Korean name ends in a consonant, which the ending after it shows."""
    return "가" <= name[-1] <= "힣" and (ord(name[-1]) - ord("가")) % 28 > 0


def _full(faker: Any, chance: random.Random) -> str:
    """A full name; one in four with a space in it."""
    between = chance.choice(["", "", "", " "])
    return str(faker.last_name() + between + faker.first_name())


def _faker(language: str, seed: int) -> Any:
    from faker import Faker

    faker = Faker(LOCALES[language])
    faker.seed_instance(seed)
    return faker
