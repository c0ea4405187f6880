import * as z from 'zod/mini';
import { parseInput, RequestRefused, type AwsOperation } from '../aws-json-endpoint.ts';
import { eventBusArn, type EventBus, type EventBuses } from './event-buses.ts';

const BUS_NAME = /^[.\-_A-Za-z0-9]{1,256}$/;

const createInput = z.strictObject({
  Name: z
    .string()
    .check(z.regex(BUS_NAME, 'letters, digits, dots, hyphens and underscores, 256 characters at most')),
});
const describeInput = z.strictObject({ Name: z.optional(z.string()) });
const listInput = z.strictObject({
  NamePrefix: z.optional(z.string()),
  Limit: z.optional(z.number().check(z.int(), z.minimum(1), z.maximum(100))),
  NextToken: z.optional(z.string()),
});

const onWire = ({ name, arn, createdAt }: EventBus) => ({
  Name: name,
  Arn: arn,
  CreationTime: createdAt / 1000,
  LastModifiedTime: createdAt / 1000,
});

/** The operations that create and show event buses. */
export const eventBusOperations = (buses: EventBuses): Readonly<Record<string, AwsOperation>> => ({
  CreateEventBus: (request) => {
    const { Name } = parseInput(createInput, request);
    if (buses.find(Name) !== undefined) {
      throw new RequestRefused('ResourceAlreadyExistsException', `Event bus ${Name} already exists.`);
    }
    buses.create(Name);
    return { EventBusArn: eventBusArn(Name) };
  },
  DescribeEventBus: (request) => {
    const { Name = 'default' } = parseInput(describeInput, request);
    const bus = buses.find(Name);
    if (bus !== undefined) return onWire(bus);
    throw new RequestRefused('ResourceNotFoundException', `Event bus ${Name} does not exist.`);
  },
  ListEventBuses: (request) => {
    const { NamePrefix = '', Limit = 100, NextToken } = parseInput(listInput, request);
    const after = NextToken === undefined ? '' : Buffer.from(NextToken, 'base64url').toString('utf8');
    const wanted = buses.list().filter(({ name }) => name.startsWith(NamePrefix) && name > after);
    const page = wanted.slice(0, Limit);
    const last = page.at(-1);
    const more = last !== undefined && wanted.length > page.length;
    return {
      EventBuses: page.map(onWire),
      NextToken: more ? Buffer.from(last.name).toString('base64url') : undefined,
    };
  },
});
