'use client';

import ReactMarkdown, { type Components } from 'react-markdown';

/** A link leaves the page as it is, and tells the other side nothing of where it was. */
const LOOKS: Components = {
  a: ({ children, href }) => (
    <a href={href} className="link" target="_blank" rel="noreferrer noopener nofollow">
      {children}
    </a>
  ),
  // A picture from elsewhere would tell whoever serves it who reads this.
  img: ({ alt, src }) => (
    <a href={typeof src === 'string' ? src : undefined} className="link" target="_blank" rel="noreferrer noopener">
      {alt || 'a picture'}
    </a>
  ),
};

/** Markdown that somebody wrote: HTML in it is text, and links lead nowhere but to the web and to mail. */
export default function Markdown({ text }: { readonly text: string }) {
  return (
    <div className="prose min-w-0 text-[13px] break-words">
      <ReactMarkdown components={LOOKS}>{text}</ReactMarkdown>
    </div>
  );
}
