"""Finds the names in a text, and tells whether the material has them in one of their forms.

A name is a word written large where no sentence begins; in German, where every noun is, a row of such words. What a
name does in its sentence is left to the judge.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

from twitter_manager.checks.languages import months, short_weekdays, weekdays
from twitter_manager.english import function_words, set_of

READ = "\ue000"
"""Stands for what was read already: no letter, no digit and no punctuation."""
_SLAVIC = frozenset(["ru", "uk", "be", "bg", "pl", "cs", "sk", "sl", "hr", "sr", "lt", "lv"])
_SUFFIXES = set_of("""
    s es n an ian ean ese ish ic y e ia er ers en in ien ienne ois oise ais aise isch ische ischen ano ana ino
""")
_FREE = set_of("""
    always do don dr i imho imo never new now ok okay ps q tl tldr yes mr mrs ms dr prof st sir dame lady herr frau
    mme m mlle sr sra don doña sig ave rd sq vs etc fyi psa nb rsvp diy faq asap eta tba tbc qr pdf wifi wi-fi wlan
    tv gps usb dvd cd dj id pc url utc gmt cet cest est pst bst internet web e-mail email youtube instagram bluesky
    twitter x facebook mastodon whatsapp linkedin tiktok github gitlab pypi google podcast spotify apple android
    linux english german french spanish dutch italian japanese portuguese chinese russian polish swedish danish
    arabic latin greek deutsch englisch französisch spanisch earth moon sun god ai api apis am pm ad bc ce kg km cm
    mm mb gb tb kb mhz ghz hz kwh kw mw free reminder update breaking news alert live today tonight tomorrow join us
    save date open closed sold out last first chance only all not no yes please thank thanks welcome happy good
    great best big why how what when where who did you know til stop start here there go wow hey hi hello dear heads
    up note tip tips fact facts question answer also plus and or but the a an our your my we it's let's don't can
    must every each most more less this that these those really so very too both off via per with without entry
    event events gratis neu achtung nur nicht kostenlos heute jetzt info gratuit nouveau attention aujourd'hui
    gratis nuevo hoy nieuw let op vandaag ora oggi nuovo attenzione novità important christmas xmas advent easter
    halloween ramadan weihnachten ostern noël pâques navidad natale kerst win sale goal full vip ci os ui cli pr qa
    ii iii iv vi vii viii ix
""")
_SAME = (
    "france french français française frankreich französisch francia francés francese frankrijk frans",
    "spain spanish español española españa spanien spanisch espagne espagnol spagna spagnolo spanje spaans",
    "germany german deutschland deutsch allemagne allemand alemania alemán germania tedesco duitsland duits",
    "italy italian italien italienisch italie italia italiano italiana italiaans",
    "netherlands dutch holland niederlande niederländisch pays-bas néerlandais países bajos"
    " neerlandés olanda nederland",
    "uk britain british britisch brits england english britannique británico großbritannien kingdom",
    "us usa united states america american amerika amerikanisch états-unis américain estados unidos",
    "eu european europe europa europäisch européen europeo union",
    "greece greek griechenland griechisch", "wales welsh walisisch", "ireland irish irland irisch",
    "denmark danish dänemark dänisch", "poland polish polen polnisch", "sweden swedish schweden schwedisch",
    "switzerland swiss schweiz schweizer suisse suiza svizzera", "turkey turkish türkei türkiye",
    "finland finnish finnland finnisch", "scotland scottish scots schottland", "japan japanese japanisch japon japón",
    "china chinese chinesisch chine", "norway norwegian norwegen norwegisch", "portugal portuguese portugiesisch",
    "munich münchen", "vienna wien vienne viena", "cologne köln", "geneva genf genève", "zurich zürich",
    "rome rom roma",
    "milan mailand milano", "florence florenz firenze", "venice venedig venezia", "london londres londra londen",
    "paris parigi parijs", "brussels brüssel bruxelles brussel", "lisbon lissabon lisboa", "prague prag praha",
    "moscow moskau moscou moscú", "athens athen", "copenhagen kopenhagen københavn", "hague haag haye",
    "antwerp antwerpen anvers", "bavaria bayern", "alps alpen alpes alpi", "rhine rhein rijn", "danube donau",
)  # fmt: skip
_HONORED = "(?:さん|氏|選手|監督|教授|博士|市長|首相|大統領)"
_KATAKANA = re.compile(r"[ァ-ヴー]{2,}(?:[・=][ァ-ヴー]{2,})*")
_LOANS = set_of("""
    イベント コンサート チケット オープン スタート スタッフ メンバー グループ ページ サイト ニュース ポイント チェック
    アップデート リリース バージョン ソフトウェア ユーザー データ ファイル プログラム プロジェクト サービス システム
    テスト エラー メール アプリ インターネット ホームページ プレゼント キャンペーン セール ショップ カフェ レストラン
    レシピ パーティー ワークショップ セミナー クラブ チーム スポーツ サッカー バスケットボール マラソン ランニング
    シーズン ゲーム ホーム スケジュール カレンダー ライブ ステージ ピアノ ギター オーケストラ ミュージアム アート
    ギャラリー テーマ コレクション ガイド ツアー コース クラス レッスン トレーニング プール センター ホール スペース
    テーブル メニュー コーヒー ケーキ チーズ バター オーブン フライパン スープ サラダ パスタ トマト オリーブオイル
    スポット シンプル フレッシュ カラフル リラックス エネルギー ストレス バランス ビタミン ウイルス ワクチン リスク
    パーセント メートル キロメートル センチ グラム キログラム リットル ユーロ ドル ポンド コスト サポート メンテナンス
    パフォーマンス スピード スムーズ コマンド オプション フォルダ ドキュメント マニュアル バグ パッチ セキュリティ
    ネットワーク サーバー コード ライブラリ インストール ダウンロード アップグレード デフォルト クリスマス マーケット
    プレミア シリーズ ファン サポーター ゴール タイトル エピソード ストーリー チャンス タイミング ペース ミーティング
    アイデア メッセージ アクセス バス タクシー ロープウェイ トイレ エレベーター エリア ルート スマートフォン パソコン
    カメラ フォト ビデオ オンライン ドリンク ワイン ビール デザート アイスクリーム チョコレート フルーツ レモン バナナ
""")


def names(text: str, language: str) -> Iterator[tuple[str, bool]]:
    """What is written as a name in plain text, and whether it is a row of German nouns, of which one is enough."""
    if language == "de":
        yield from _rows(text)
        return
    for match in re.finditer(r"[^\W\d_]+(?:['-][^\W\d_]+)*", text):
        first = True
        for name in re.findall(r"[^\W_']+(?:'[^\W_]+)?", match[0]):
            starts = first and starts_sentence(text, match.start())
            first = False
            if _is_name(name, starts=starts) and not _in_heading(text, match.start(), name, language):
                yield name, False


def _is_name(name: str, *, starts: bool) -> bool:
    name = re.sub(r"\A(?:[dlmnst]|qu|dell|all|nell|dall|sull|un|c|j)'(?=.)", "", name, flags=re.IGNORECASE)
    word = re.sub(r"'\w*$", "", name)
    acronym = is_acronym(word)
    folded = word.casefold()
    return (
        name[:1].isupper()
        and (acronym or (not starts and len(word) > 1))
        and folded not in _FREE
        and not (acronym and folded in function_words())
        and folded not in months()
        and folded not in weekdays()
        and folded.removesuffix("s") not in weekdays()
        and not (len(word) < 4 and folded in short_weekdays())
    )


def is_acronym(word: str) -> bool:
    bare = word.removesuffix("s")
    return len(bare) > 1 and bare.isupper()


def _rows(text: str) -> Iterator[tuple[str, bool]]:
    """Acronyms, and rows of two and more words written large that don't begin a sentence."""
    for match in re.finditer(r"[A-ZÄÖÜ][^\W\d_]+(?:[ -][A-ZÄÖÜ][^\W\d_]+)*", text):
        row = re.split("[ -]", match[0])
        if starts_sentence(text, match.start()):
            row = row[1:] if " " in match[0] else []
        yield from ((word, False) for word in row if is_acronym(word) and _is_name(word, starts=False))
        own = [word for word in row if not is_acronym(word) and _is_name(word, starts=False)]
        if len(own) > 1 and " " in match[0]:
            yield " ".join(own), True


def _in_heading(text: str, at: int, name: str, language: str) -> bool:
    """Whether the line around is a heading in title case, in which every longer word is written large."""
    if is_acronym(name):
        return _shouts(text, at)
    if language != "en":
        return False
    before = re.split(r"[\n.!?:]", text[max(0, at - 120) : at])[-1]
    behind = re.split(r"[\n.!?:]", text[at : at + 120])[0]
    line = re.findall(r"[^\W\d_]{4,}", before + behind)
    return len(line) > 4 and all(word[0].isupper() for word in line)


def _shouts(text: str, at: int) -> bool:
    """Whether a word beside it is all capitals too."""
    row = re.compile(r"[^\W\d_]+[^\w\n.]{1,3}([^\W\d_]{2,})").match(text, at)
    before = re.search(r"([^\W\d_]{2,})[^\w\n.]{1,3}\Z", text[max(0, at - 25) : at])
    return any(near is not None and near[1].isupper() for near in (row, before))


def starts_sentence(text: str, at: int) -> bool:
    near = text[max(0, at - 20) : at]
    before = near.rstrip(" \t\"'([{*_¿¡")
    if not before or "\n" in near[len(before) :] or near[len(before) :].strip(" \t"):
        return True
    last = before[-1]
    if last == READ:  # what was read may end in a full stop
        return False
    return not (last.isalnum() or last in ",;)]/&+@#$%'\"-") or before.endswith((" -", "\n-")) or before == "-"


def katakana(text: str, known: str) -> Iterator[str]:
    """Names in katakana (four letters and more) that `known` does not have; common loan words are none."""
    for match in _KATAKANA.finditer(text):
        honored = re.match(_HONORED, text[match.end() : match.end() + 3]) is not None
        for word in re.split("[・=]", match[0]):
            if (
                (len(word) > 3 or honored)
                and word not in known
                and not any(word.startswith(loan) or word.endswith(loan) for loan in _LOANS)
            ):
                yield match[0]
                break
    for match in re.finditer(r"[一-鿿]{2}(?:市|県|駅|氏|教授)(?![一-鿿])", text):
        if match[0] not in known and match[0][:2] not in known:
            yield match[0]


def forms(name: str) -> frozenset[str]:
    """The name in small letters, bare of possessives and elisions, and other words for the same place."""
    bare = re.sub(r"\A(?:[dlmnst]|qu|dell|all|nell|dall|sull|un|c|j)'(?=\w)", "", name.casefold())
    bare = re.sub(r"'\w*$", "", bare)
    return frozenset({bare, *_same().get(bare, ())})


@functools.lru_cache(maxsize=4096)
def stems(word: str) -> tuple[str, ...]:
    return (word, *(word[: -len(end)] for end in _SUFFIXES if word.endswith(end) and len(word) - len(end) >= 4))


@functools.cache
def _same() -> dict[str, frozenset[str]]:
    groups = [set_of(group) for group in _SAME]
    return {word: group for group in groups for word in group}


def has_case_of(name: str, words: frozenset[str], language: str) -> bool:
    """In languages with cases: a word of the material with the same beginning and another ending."""
    word = name.casefold()
    if language not in _SLAVIC or len(word) < 4:
        return False
    least = max(3, len(word) - 3)
    return any(other[:least] == word[:least] and abs(len(other) - len(word)) <= 3 and len(other) > 3 for other in words)
