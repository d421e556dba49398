// A certified OpenID provider, with people who sign in with any password.
//
// node server.mjs ORIGIN SECRET: of the service whose people sign in. Says its issuer on a line once it listens, and
// ends with its standard input.
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

const [origin, secret] = process.argv.slice(2);

const people = {
  lan: { preferred_username: 'lan.tran', name: 'Trần Giám Lan', groups: ['fund-reviewers'] },
  khanh: { preferred_username: 'khanh.bui', name: 'Bùi Giám Khánh', groups: ['fund-admins'] },
  binh: { preferred_username: 'binh.le', name: 'Lê Giám Bình', groups: ['everybody'] },
};

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [{
      client_id: 'fundwatch',
      client_secret: secret,
      redirect_uris: [`${origin}/sign-in/oidc/callback`],
      post_logout_redirect_uris: [`${origin}/sign-in`],
      backchannel_logout_uri: `${origin}/sign-in/oidc/logout`,
      backchannel_logout_session_required: true,
      require_auth_time: true,
    }],
    claims: { openid: ['sub'], profile: ['name', 'preferred_username', 'groups'] },
    conformIdTokenClaims: false,
    cookies: { keys: ['of the tests'] },
    features: {
      backchannelLogout: { enabled: true },
      devInteractions: { enabled: true },
      rpInitiatedLogout: { enabled: true },
    },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, ...people[id] }),
    }),
    pkce: { required: () => true, methods: ['S256'] },
  });
  server.on('request', provider.callback());
  console.log(issuer);
});
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
