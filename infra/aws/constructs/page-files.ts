import { AssetHashType, DockerImage } from 'aws-cdk-lib';
import type { IDistribution } from 'aws-cdk-lib/aws-cloudfront';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { BucketDeployment, CacheControl, Source, type ISource } from 'aws-cdk-lib/aws-s3-deployment';
import { Construct } from 'constructs';
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { PageSettings } from '../../web/page-settings.ts';

const WEB = fileURLToPath(new URL('../../web/', import.meta.url));
const WRITE_WEB_SITE = fileURLToPath(new URL('../../web/write-web-site.ts', import.meta.url));

/** The page as it is built now; CDK waits for nothing, so that is done by a process of its own. */
const builtSite = (): ISource =>
  Source.asset(WEB, {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      image: DockerImage.fromRegistry('esbuild.invalid/is-not-installed'),
      local: {
        tryBundle: (folder) => {
          execFileSync(process.execPath, ['--disable-warning=ExperimentalWarning', WRITE_WEB_SITE, folder]);
          return true;
        },
      },
    },
  });

/** Names of files below it change with their content. */
const NAMED_BY_CONTENT = 'assets/*';

interface PageFilesProps {
  readonly bucket: IBucket;
  readonly distribution: IDistribution;
  readonly settings: PageSettings;
}

/** Puts the page's files into their bucket, with `config.json` for this deployment. */
export class PageFiles extends Construct {
  constructor(scope: Construct, id: string, { bucket, distribution, settings }: PageFilesProps) {
    super(scope, id);
    const site = builtSite();
    const namedByContent = new BucketDeployment(this, 'NamedByContent', {
      sources: [site],
      destinationBucket: bucket,
      exclude: ['*'],
      include: [NAMED_BY_CONTENT],
      // A page that somebody has open still asks for those of the deployment before.
      prune: false,
      cacheControl: [CacheControl.fromString('public, max-age=31536000, immutable')],
    });
    const named = new BucketDeployment(this, 'Named', {
      sources: [site, Source.jsonData('config.json', settings)],
      destinationBucket: bucket,
      exclude: [NAMED_BY_CONTENT],
      cacheControl: [CacheControl.noCache()],
      distribution,
    });
    named.node.addDependency(namedByContent);
  }
}
