import { Fragment } from 'react';

/** A component's label, which may be broken before parameters, and elsewhere only where nothing else will do. */
export function Label({ text, lines = false }: { readonly text: string; readonly lines?: boolean }) {
  const at = text.indexOf('(');
  if (at < 0) return <span className="wrap-anywhere">{text}</span>;
  if (lines) {
    return (
      <>
        <span className="block font-semibold">{text.slice(0, at)}</span>
        <span className="block font-normal">{text.slice(at)}</span>
      </>
    );
  }
  return (
    <span className="wrap-anywhere">
      {text.split(/(?=\()/).map((part, index) => (
        <Fragment key={index}>
          {index > 0 && <wbr />}
          {part}
        </Fragment>
      ))}
    </span>
  );
}
