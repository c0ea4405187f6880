import { render } from 'preact';
import '../theme.css';
import './executions.css';
import { ExecutionList } from './execution-list.tsx';
import { ExecutionPage } from './execution-page.tsx';

const [, segment] = /^\/_local\/executions\/([^/]+)$/.exec(location.pathname) ?? [];
const exportId = segment === undefined ? undefined : decodeURIComponent(segment);
const root = document.querySelector('#root');

if (exportId !== undefined) document.title = `Export ${exportId}`;
if (root !== null)
  render(exportId === undefined ? <ExecutionList /> : <ExecutionPage exportId={exportId} />, root);
