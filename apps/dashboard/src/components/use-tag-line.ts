import { useState } from 'react';

import { TAG_TEXT, tagsIn } from './tags';

/** A line of tags that somebody writes: saved when each of them is one, else with what is wrong. */
export function useTagLine(save: (tags: string[]) => void) {
  const [wrong, setWrong] = useState<string>();
  return {
    problem: wrong === undefined ? undefined : `“${wrong}” is no tag: ${TAG_TEXT}`,
    submit(text: string) {
      const given = tagsIn(text);
      setWrong('wrong' in given ? given.wrong : undefined);
      if ('tags' in given) save([...given.tags]);
    },
  };
}
