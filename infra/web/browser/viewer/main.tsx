import { render } from 'preact';
import '../theme.css';
import { PackageViewer } from './package-viewer.tsx';
import './viewer.css';

const HINT =
  'Choose the ZIP file that this page came in, as you downloaded it. If you have unpacked it, the ZIP is usually still in your downloads.';

const Page = () => (
  <main class="viewer-page">
    <h1>Your household&rsquo;s data</h1>
    <PackageViewer file={undefined} hint={HINT} />
  </main>
);

const root = document.getElementById('root');
if (root !== null) render(<Page />, root);
