/** Running Chinese text that means nothing and reads like a novel: sentences between full stops, speech in corner or curly quotes. */

import type { Chance } from '@scriptorium/books/chance';
import type { Prose } from './prose.ts';

const list = (text: string): readonly string[] => text.split(' ');

const words = list(
  '却说 那日 天色 已晚 众人 皆道 不敢 多言 只见 一阵 清风 从 山后 吹来 心中 暗想 此事 定有 缘故 便 拱手 问道 如何 是好 当下 二人 出得 门来 走了 半日 方才 到得 城中 又见 街上 人来人往 好不 热闹 于是 投店 住下 一夜 无话 次日 起来 用过 早饭 再行 上路 忽听 背后 有人 高叫 回头 看时 原来 是 一个 老者 手持 竹杖 缓缓 而来',
);
const names = list('李青山 赵大娘 王小二 陈公子 周老爷 孙道人 林姑娘');
const nouns = list('古寺 长街 夜雨 孤舟 旧剑 风雪 山庄 密信 客栈 明月 渡口 石桥 竹林 荒村 故人 铁马 残灯 白云 秋水 空城');
const verbs = list('初入 夜探 重逢 误闯 大闹 血战 智取 再访 远走 暗渡 惊变 别离');

export function chineseProse(chance: Chance): Prose {
  const seen = new Set<string>();
  const clause = (): string =>
    (chance.happens(0.15) ? chance.pick(names) : '') + Array.from({ length: chance.between(3, 6) }, () => chance.pick(words)).join('');
  const sentence = (): string => {
    const text = `${Array.from({ length: chance.between(1, 4) }, clause).join('，')}${chance.pick(['。', '。', '。', '！', '？'])}`;
    return chance.happens(0.2) ? `${chance.pick(names)}道：“${text}”` : text;
  };
  const paragraph = (): string => `　　${Array.from({ length: chance.between(2, 7) }, sentence).join('')}`;
  const title = (): string => {
    for (let tries = 0; tries < 200; tries += 1) {
      const text = chance.pick([
        () => chance.pick(verbs) + chance.pick(nouns),
        () => `${chance.pick(names)}${chance.pick(verbs)}${chance.pick(nouns)}`,
        () => chance.pick(nouns) + chance.pick(nouns),
      ])();
      if (seen.has(text)) continue;
      seen.add(text);
      return text;
    }
    throw new Error('the Chinese vocabulary has too few titles');
  };
  return {
    sentence,
    paragraph,
    paragraphs: (least, most) => Array.from({ length: chance.between(least, most) }, paragraph),
    title,
    name: () => chance.pick(names),
    stanza: (lines) => Array.from({ length: lines }, () => `　　　　${clause()}，${clause()}。`).join('\n'),
  };
}
