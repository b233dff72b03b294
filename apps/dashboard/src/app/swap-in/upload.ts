'use client';

/** A file that the store has taken. */
export interface Uploaded {
  readonly artifact: string;
  readonly bytes: number;
}

/** Sends a file and tells how far it is; the browser's fetch cannot. */
export function upload(file: File, onProgress: (share: number) => void, signal: AbortSignal): Promise<Uploaded> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', '/api/uploads');
    request.setRequestHeader('content-type', 'application/octet-stream');
    request.responseType = 'json';
    request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0);
    request.onload = () => {
      const body = request.response as ({ message?: string } & Partial<Uploaded>) | null;
      if (request.status === 201 && body?.artifact !== undefined)
        resolve({ artifact: body.artifact, bytes: body.bytes ?? 0 });
      else reject(new Error(body?.message ?? `The upload failed with status ${request.status}.`));
    };
    request.onerror = () => reject(new Error('The connection was lost while the file was sent.'));
    request.onabort = () => reject(new Error('The upload was stopped.'));
    signal.addEventListener('abort', () => request.abort());
    request.send(file);
  });
}
