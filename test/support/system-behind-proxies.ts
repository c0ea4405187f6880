import type { LocalSystem, LocalSystemOptions } from '../../infra/local/local-system.ts';
import { EMBEDDED_SERVICES, type EmbeddedService } from '../../infra/local/local-settings.ts';
import { FaultProxy } from './fault-proxy.ts';
import { startRunningSystem, type RunningSystem } from './running-system.ts';

export type Proxies = Readonly<Record<EmbeddedService, FaultProxy>>;

export interface SystemBehindProxies {
  readonly system: RunningSystem;
  /** What the functions find in place of the servers; a test's own clients reach the servers themselves. */
  readonly proxies: Proxies;
  /** Stops all of it and removes its data. */
  end(): Promise<void>;
}

const startProxies = async (servers: LocalSystem['endpoints']): Promise<Proxies> => {
  const started = await Promise.all(
    EMBEDDED_SERVICES.map(async (service) => [service, await FaultProxy.start(servers[service])] as const),
  );
  return Object.fromEntries(started) as unknown as Proxies;
};

const urlsOf = (proxies: Proxies): LocalSystem['endpoints'] => ({
  dynamodb: proxies.dynamodb.url,
  s3: proxies.s3.url,
  stepfunctions: proxies.stepfunctions.url,
  eventbridge: proxies.eventbridge.url,
});

/** A running system between whose functions and servers stand proxies that tests give orders to. */
export const startSystemBehindProxies = async (
  options: Partial<LocalSystemOptions> = {},
): Promise<SystemBehindProxies> => {
  const started = Promise.withResolvers<Proxies>();
  const system = await startRunningSystem({
    ...options,
    functionEndpoints: async (servers) => {
      const proxies = await startProxies(servers);
      started.resolve(proxies);
      return urlsOf(proxies);
    },
  });
  const proxies = await started.promise;
  return {
    system,
    proxies,
    end: async () => {
      await system.end();
      await Promise.all(Object.values(proxies).map((proxy) => proxy.close()));
    },
  };
};
