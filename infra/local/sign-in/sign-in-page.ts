import { SAMPLE_USER_ID, SECOND_SAMPLE_USER_ID } from '../sample-household/household-plans.ts';

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

const escaped = (text: string): string => text.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? '');

const page = (title: string, content: string, styleHref: string): string => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>${title}</title>
    <link rel="icon" href="/favicon.svg" />
    <link rel="stylesheet" href="${styleHref}" />
  </head>
  <body>
    <main class="card sign-in">
${content}
    </main>
  </body>
</html>
`;

const USERS = [
  { userId: SAMPLE_USER_ID, what: 'A household with six accounts and six years of history' },
  { userId: SECOND_SAMPLE_USER_ID, what: 'A small household with two accounts and half a year' },
];

const userButton = ({ userId, what }: (typeof USERS)[number]): string => `          <li>
            <button name="user" value="${userId}"><strong>${userId}</strong><span class="quiet">${what}</span></button>
          </li>`;

/** Asks who one is. `parameters` are those of the request; they come back with the choice. */
export const signInPage = (parameters: URLSearchParams, styleHref: string): string => {
  const hidden = [...parameters].map(
    ([name, value]) => `<input type="hidden" name="${escaped(name)}" value="${escaped(value)}" />`,
  );
  const hint = escaped(parameters.get('login_hint') ?? '');
  return page(
    'Sign in on this machine',
    `      <h1>Who are you?</h1>
      <p class="quiet">This is the sign-in of the service on your own machine. It asks for no password.</p>
      <form method="post" action="authorize">
        ${hidden.join('\n        ')}
        <ul>
${USERS.map(userButton).join('\n')}
        </ul>
      </form>
      <form method="post" action="authorize" class="other">
        ${hidden.join('\n        ')}
        <label for="user">Somebody else, by user id</label>
        <div class="row">
          <input id="user" name="user" value="${hint}" required maxlength="128" autocomplete="off" spellcheck="false" />
          <button class="primary">Sign in</button>
        </div>
      </form>`,
    styleHref,
  );
};

/** Tells a person what no page could be told, or that they are signed out. */
export const messagePage = (title: string, message: string, styleHref: string): string =>
  page(
    title,
    `      <h1>${title}</h1>
      <p>${escaped(message)}</p>
      <p><a href="/">To your exports</a></p>`,
    styleHref,
  );
