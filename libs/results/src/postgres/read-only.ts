import { RampartError } from '@rampart/core';
import type {
  KyselyPlugin,
  PluginTransformQueryArgs,
  PluginTransformResultArgs,
  QueryResult,
  RootOperationNode,
  UnknownRow,
} from 'kysely';

const CHANGES = ['InsertQueryNode', 'UpdateQueryNode', 'DeleteQueryNode'];

/** Refuses statements that change something: a setting of the session would outlive it behind a pooler. */
export class ReadOnly implements KyselyPlugin {
  transformQuery({ node }: PluginTransformQueryArgs): RootOperationNode {
    if (!CHANGES.includes(node.kind)) return node;
    throw new RampartError({ code: 'store', message: 'The store was opened for reading, and was asked to change.' });
  }

  transformResult({ result }: PluginTransformResultArgs): Promise<QueryResult<UnknownRow>> {
    return Promise.resolve(result);
  }
}
