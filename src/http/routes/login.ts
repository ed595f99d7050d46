import type { Access } from '../access.js'
import { addressOf } from '../app.js'
import { get, type Route } from '../route.js'

/** For people: the token once, then a cookie. Programs show the token with each request. */
export const loginRoutes = (access: Access): readonly Route[] => [
  get('/login', 'anyone', (visit) =>
    access.isGuarded || access.hasAdmin ? visit.html(form('')) : visit.redirect('/', 303),
  ),
  {
    method: 'POST',
    path: '/login',
    access: 'anyone',
    async answer(visit) {
      const { token } = await visit.req.parseBody()
      const given = typeof token === 'string' ? token.trim() : ''
      const outcome = access.logIn(given, addressOf(visit))
      if (typeof outcome === 'object') {
        visit.header('Set-Cookie', outcome.setCookie)
        return visit.redirect('/', 303)
      }
      if (outcome === 'too-often') {
        visit.header('Retry-After', '60')
        return visit.html(form('Too many wrong tokens from this address: wait a minute.'), 429)
      }
      return visit.html(form('That is not the token.'), 401)
    },
  },
  {
    method: 'POST',
    path: '/logout',
    access: 'anyone',
    answer(visit) {
      visit.header('Set-Cookie', access.logOut())
      return visit.redirect('/', 303)
    },
  },
]

/** `trouble` is one of our own sentences. */
const form = (trouble: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>alec-bridge: log in</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/assets/page.css">
</head>
<body class="login">
<main>
<h1>alec-bridge</h1>
<form method="post" action="/login">
<input name="username" autocomplete="username" value="alec-bridge" hidden>
<label for="token">Token of this bridge</label>
<input id="token" name="token" type="password" autocomplete="current-password" required autofocus>
<button>Log in</button>
${trouble === '' ? '' : `<p role="alert">${trouble}</p>\n`}<p>Who wants to look in finds it in the file that <code>http.token_file</code> names; who wants to have something done, in that of <code>http.admin_token_file</code>.</p>
</form>
</main>
</body>
</html>
`
