import { createReadStream } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  paginateListObjectsV2,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';

import type { NamedContent, ObjectStore } from './object-store';
import { codeOf, s3Error } from './s3-error';

/** From here on content goes in parts: a part that fails is sent again, not all of it. */
const PART_BYTES = 16 * 2 ** 20;
/** A server that is started again meanwhile is waited for: about half a minute. */
const ATTEMPTS = 10;
/** Downloads of one object that break off, one after the other. */
const DOWNLOADS = 3;
/** Times that another's upload of the same object is waited for. */
const CONFLICTS = 5;

/** What is to be known of a bucket. */
export interface S3Place {
  readonly bucket: string;
  /** Without slashes at its ends; empty for the bucket itself. */
  readonly prefix: string;
}

/**
 * Objects of a bucket, Amazon's or any with the same interface. Endpoint, region and credentials are those of the usual
 * variables and files of AWS. The server is sent the SHA-256 of everything, so that it refuses what was damaged on the
 * way.
 */
export class S3Objects implements ObjectStore {
  readonly location: string;
  readonly place: string;
  readonly unfinished = path.join(tmpdir(), 'rampart-uploads');
  private readonly client: S3Client;

  /** @param unsure whether it is asked at first use if it can be used, so that what cannot work says so at once */
  constructor(
    private readonly at: S3Place,
    private unsure = false,
  ) {
    this.location = this.place = `s3://${[at.bucket, at.prefix].filter(Boolean).join('/')}`;
    this.client = clientOf(ATTEMPTS);
  }

  /** @throws RampartError `unavailable` when the bucket cannot be used */
  async check(): Promise<void> {
    this.unsure = false;
    const client = clientOf(2);
    try {
      await this.doing(() => client.send(new ListObjectsV2Command({ Bucket: this.at.bucket, MaxKeys: 1 })));
    } catch (error) {
      this.unsure = true;
      throw error;
    } finally {
      client.destroy();
    }
  }

  async get(name: string): Promise<Uint8Array | undefined> {
    return this.doing(async () => {
      for (let attempt = 1; ; attempt++) {
        const found = await this.found(() => this.client.send(new GetObjectCommand(this.key(name))));
        try {
          return found && (await found.Body!.transformToByteArray());
        } catch (error) {
          if (attempt === DOWNLOADS) throw error;
          await delay(500 * attempt);
        }
      }
    });
  }

  async put(object: NamedContent, replace: boolean): Promise<boolean> {
    const { content } = object;
    try {
      return await this.doing(async () => {
        for (let attempt = 1; ; attempt++) {
          try {
            await this.send(object, replace ? {} : { IfNoneMatch: '*' });
            return true;
          } catch (error) {
            if (codeOf(error) === 'PreconditionFailed') return false;
            // Another upload of that name was at work at the same moment.
            if (codeOf(error) !== 'ConditionalRequestConflict' || attempt === CONFLICTS) throw error;
            await delay(200 * attempt);
          }
        }
      });
    } finally {
      if ('file' in content) await rm(content.file, { force: true });
    }
  }

  async modified(name: string): Promise<number | undefined> {
    const head = () => this.found(() => this.client.send(new HeadObjectCommand(this.key(name))));
    return (await this.doing(head))?.LastModified?.getTime();
  }

  async refresh(object: NamedContent): Promise<void> {
    await this.put(object, true);
  }

  async remove(name: string): Promise<void> {
    await this.doing(() => this.client.send(new DeleteObjectCommand(this.key(name))));
  }

  async list(beginning = ''): Promise<string[]> {
    return this.doing(async () => {
      const names: string[] = [];
      const own = this.key('').Key.length;
      const asked = { Bucket: this.at.bucket, Prefix: this.key(beginning).Key };
      for await (const page of paginateListObjectsV2({ client: this.client }, asked)) {
        for (const { Key } of page.Contents ?? []) names.push(Key!.slice(own));
      }
      return names;
    });
  }

  /** Parts of uploads whose process was killed are kept, and paid for, until somebody says that they are not wanted. */
  async sweep(before: number): Promise<void> {
    const place = { Bucket: this.at.bucket, Prefix: this.key('').Key };
    try {
      const { Uploads = [] } = await this.client.send(new ListMultipartUploadsCommand(place));
      for (const { Key, UploadId, Initiated } of Uploads) {
        if (!Initiated || Initiated.getTime() >= before) continue;
        await this.client.send(new AbortMultipartUploadCommand({ Bucket: this.at.bucket, Key, UploadId }));
      }
    } catch {
      // Whoever may not do it can use the bucket all the same.
    }
  }

  private async send({ name, content, checksum }: NamedContent, condition: { IfNoneMatch?: string }): Promise<void> {
    const target = { ...this.key(name), ...condition };
    const bytes = 'file' in content ? content.bytes : content.byteLength;
    if (bytes <= PART_BYTES) {
      const Body = 'file' in content ? await readFile(content.file) : content;
      const ChecksumSHA256 = Buffer.from(checksum, 'hex').toString('base64');
      await this.client.send(new PutObjectCommand({ ...target, Body, ChecksumSHA256 }));
      return;
    }
    const Body = 'file' in content ? createReadStream(content.file) : viewOf(content);
    const params = { ...target, Body, ChecksumAlgorithm: 'SHA256' as const };
    await new Upload({ client: this.client, params, partSize: PART_BYTES, queueSize: 2 }).done();
  }

  private key(name: string): { readonly Bucket: string; readonly Key: string } {
    return { Bucket: this.at.bucket, Key: this.at.prefix === '' ? name : `${this.at.prefix}/${name}` };
  }

  /** Undefined when there is no such object. */
  private async found<T>(ask: () => Promise<T>): Promise<T | undefined> {
    try {
      return await ask();
    } catch (error) {
      // Of a question for the head alone the server says no more than 404.
      if (codeOf(error) === 'NoSuchKey' || codeOf(error) === 'NotFound') return undefined;
      throw error;
    }
  }

  private async doing<T>(work: () => Promise<T>): Promise<T> {
    if (this.unsure) await this.check();
    try {
      return await work();
    } catch (error) {
      throw s3Error(error, this.location);
    }
  }
}

function clientOf(maxAttempts: number): S3Client {
  // Which Node this mode wants is written in the documentation, not in the output of every process.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
  const { AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, AWS_REGION, AWS_DEFAULT_REGION, AWS_PROFILE } = process.env;
  // A server under an address of its own seldom has a host name for every bucket, or cares for regions.
  const own = Boolean(AWS_ENDPOINT_URL_S3 ?? AWS_ENDPOINT_URL);
  const region = AWS_REGION ?? AWS_DEFAULT_REGION ?? (own && AWS_PROFILE === undefined ? 'us-east-1' : undefined);
  return new S3Client({
    maxAttempts,
    ...(own && { forcePathStyle: true }),
    ...(region !== undefined && { region }),
    // What is sent has its SHA-256, and what comes is compared with its name.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
}

/** The same memory. */
function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
}
