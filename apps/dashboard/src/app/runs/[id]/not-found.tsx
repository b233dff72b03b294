import { FailureView } from '@/components/ui/failure';

export default function RunNotFound() {
  return (
    <FailureView
      code="NOT_FOUND"
      message="There is no such run. It may have been deleted, or belong to another store."
    />
  );
}
