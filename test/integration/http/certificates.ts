import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const openssl = (dir: string, ...args: string[]): Buffer => execFileSync('openssl', args, { cwd: dir, stdio: 'pipe' });

export interface Folder {
  readonly path: string;
  write(name: string, text: string): string;
  read(name: string): string;
  remove(): void;
}

export function temporaryFolder(): Folder {
  const path = mkdtempSync(join(tmpdir(), 'turnkeeper-http-'));
  return {
    path,
    write(name, text) {
      writeFileSync(join(path, name), text);
      return join(path, name);
    },
    read: (name) => readFileSync(join(path, name), 'utf8'),
    remove() {
      rmSync(path, { recursive: true });
    },
  };
}

/** `<name>.pem` and `<name>.key`: an authority. */
export function makeAuthority({ path }: Folder, name: string): void {
  openssl(path, 'req', '-x509', ...newKey(name), '-out', `${name}.pem`, '-days', '2', '-subj', `/CN=${name}`);
}

/** `<name>.pem` and `<name>.key`, signed by an authority of the folder; `san` as openssl has it: `DNS:a,IP:127.0.0.1`. */
export function makeCertificate({ path }: Folder, name: string, authority: string, san: string): void {
  openssl(path, 'req', ...newKey(name), '-out', `${name}.csr`, '-subj', `/CN=${name}`);
  writeFileSync(join(path, `${name}.ext`), `subjectAltName=${san}\n`);
  const signing = ['-CA', `${authority}.pem`, '-CAkey', `${authority}.key`, '-CAcreateserial', '-days', '2'];
  openssl(path, 'x509', '-req', '-in', `${name}.csr`, '-extfile', `${name}.ext`, ...signing, '-out', `${name}.pem`);
}

function newKey(name: string): string[] {
  return ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', `${name}.key`];
}
