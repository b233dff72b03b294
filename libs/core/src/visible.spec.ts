import { isVisible, visible } from './visible';

describe('text that is shown', () => {
  it('has escapes in the place of what steers terminals and turns writing round', () => {
    expect(visible('a\u001b]0;title\u0007b\u202ec\u0000\r\n\td')).toBe(
      'a\\u001b]0;title\\u0007b\\u202ec\\u0000\\u000d\n\td',
    );
    expect(visible('Modèle 模型 🙂')).toBe('Modèle 模型 🙂');
  });

  it.each(['\u001b[2J', 'two\nlines', '\u202eabc', 'a\u0085'])('is not every text: %j', (text) => {
    expect(isVisible(text)).toBe(false);
  });
});
