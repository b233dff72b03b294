export default function Loading() {
  return (
    <div aria-busy="true" aria-label="Loading">
      <div className="skeleton mb-4 h-8 w-40" />
      <div className="skeleton mb-3 h-8 w-full max-w-xl" />
      <div className="card divide-y divide-line">
        {Array.from({ length: 8 }, (_, row) => (
          <div key={row} className="flex items-center gap-6 px-4 py-3">
            <div className="skeleton h-4 w-20" />
            <div className="skeleton h-4 flex-1" />
            <div className="skeleton h-4 w-24" />
          </div>
        ))}
      </div>
    </div>
  );
}
