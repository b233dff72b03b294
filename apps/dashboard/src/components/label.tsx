/** A component's label, which may be broken before its parameters. */
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
      {text.slice(0, at)}
      <wbr />
      {text.slice(at)}
    </span>
  );
}
