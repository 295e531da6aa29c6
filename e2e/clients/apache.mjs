// Debian's Apache with mod_auth_openidc, in a folder of its own. It does not touch an Apache that the machine runs.
//
// `/protected/` needs a login (relying party), and `/api/` an access token (resource server). The headers of the answer show what
// the module passes on to the application.

import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startProgram } from './application.mjs';

const APACHE = '/usr/sbin/apache2';
const MODULES = ['mpm_event', 'authn_core', 'authz_core', 'authz_user', 'headers', 'auth_openidc'];

/** Starts Apache for a registered client. `audience` is the audience of its API. */
export async function startApache(client, audience) {
  const folder = await mkdtemp(join(tmpdir(), 'tessera-apache-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    await chmod(folder, 0o755);
    for (const [place, page] of [['protected', 'home'], ['api', 'orders']]) {
      await mkdir(join(folder, 'site', place), { recursive: true });
      await writeFile(join(folder, 'site', place, page), page);
    }
    const file = join(folder, 'apache.conf');
    await writeFile(file, configuration(folder, client, audience), { mode: 0o600 });
    const { log, stop } = await startProgram(client, APACHE, ['-D', 'FOREGROUND', '-f', file]);
    return { log, stop: () => stop().finally(remove) };
  } catch (error) {
    await remove();
    throw error;
  }
}

const configuration = (folder, { port, origin, issuer, id, secret }, audience) => `
ServerRoot ${folder}
ServerName localhost
Listen 127.0.0.1:${port}
PidFile ${folder}/apache.pid
DefaultRuntimeDir ${folder}
ErrorLog "|/bin/cat"
${process.getuid() === 0 ? 'User www-data\nGroup www-data' : ''}
DocumentRoot ${folder}/site
${MODULES.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`).join('\n')}

OIDCProviderMetadataURL ${issuer}/.well-known/openid-configuration
OIDCClientID ${id}
OIDCClientSecret ${secret}
OIDCRedirectURI ${origin}/protected/callback
OIDCCryptoPassphrase ${randomUUID()}
OIDCScope "openid profile email"
OIDCOAuthServerMetadataURL ${issuer}/.well-known/openid-configuration

<Location /protected/>
  AuthType openid-connect
  Require valid-user
  Header set X-Name %{OIDC_CLAIM_name}e
  Header set X-Email %{OIDC_CLAIM_email}e
  Header set X-Access-Token %{OIDC_access_token}e
</Location>
<Location /api/>
  AuthType oauth20
  Require claim aud:${audience}
  Header set X-Client %{OIDC_CLAIM_client_id}e
</Location>
`;
