#!/bin/sh
# Makes the files of this folder with the command line of OpenSSL 3. Keys are thrown away. Everything is valid for a hundred years.
set -eu
out=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

key() { openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key"; }
# issue NAME SERIAL EXTENSIONS [OPTIONS]: a certificate for NAME.key, signed by the CA
issue() {
    name=$1 serial=$2 extensions=$3
    shift 3
    openssl req -new -key "$name.key" -subj "/O=Interop/CN=$name" -out "$name.csr"
    printf '%b' "$extensions" >"$name.ext"
    openssl x509 -req -in "$name.csr" -CA ca.pem -CAkey ca.key -set_serial "$serial" -days 36500 -extfile "$name.ext" \
        -out "$name.pem" "$@" 2>/dev/null
    openssl x509 -in "$name.pem" -outform DER -out "$name.der"
}

key ca
openssl req -x509 -new -key ca.key -subj "/O=Interop/CN=Interop CA" -days 36500 -out ca.pem \
    -addext "basicConstraints=critical,CA:TRUE" -addext "keyUsage=critical,keyCertSign,cRLSign,digitalSignature"

person="basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=clientAuth,1.3.6.1.4.1.311.20.2.2\n"
key kim
issue kim 0x04 "$person" -sha1
mv kim.der sha1.der
names="subjectAltName=email:kim@example.org,otherName:1.3.6.1.4.1.311.20.2.3;UTF8:Kim@corp.example\n"
places="crlDistributionPoints=URI:http://ca.example/crl\nauthorityInfoAccess=OCSP;URI:http://ca.example/ocsp\n"
issue kim 0x8123456789abcdef0011 "${person}${names}${places}certificatePolicies=1.2.3.4\n"
key lee
issue lee 0x02 "$person"
key max
issue max 0x03 "$person"
openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:1024 -out rsa1024.key
issue rsa1024 0x05 "$person"
cp rsa1024.key weak.key
issue weak 0x07 "basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign\n"
key below-weak
issue below-weak 0x08 "$person" -CA weak.pem -CAkey weak.key
openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out responder.key
issue responder 0x06 "basicConstraints=CA:FALSE\nkeyUsage=digitalSignature\nextendedKeyUsage=OCSPSigning\nnoCheck=ignored\n"

# Kim is good, Lee was revoked, and nobody knows Max.
printf 'V\t21251231235959Z\t\t8123456789ABCDEF0011\tunknown\t/CN=kim\n' >index.txt
printf 'R\t21251231235959Z\t260101000000Z,keyCompromise\t02\tunknown\t/CN=lee\n' >>index.txt
printf '[ca]\ndefault_ca=x\n[x]\ndatabase=index.txt\ncrlnumber=number\ndefault_md=sha256\ncrl_extensions=e\n[e]\nauthorityKeyIdentifier=keyid\n' >ca.cnf
echo 01 >number
openssl ca -config ca.cnf -gencrl -keyfile ca.key -cert ca.pem -crldays 36500 -out crl.pem 2>/dev/null
openssl crl -in crl.pem -outform DER -out crl.der

# ask OF REQUEST OPTIONS: a request for the certificate OF
ask() {
    of=$1 request=$2
    shift 2
    openssl ocsp "$@" -issuer ca.pem -cert "$of.pem" -reqout "$request"
}
# answer REQUEST RESPONSE SIGNER
answer() {
    openssl ocsp -index index.txt -CA ca.pem -rsigner "$3.pem" -rkey "$3.key" -reqin "$1" -respout "$2" -ndays 36500
}
ask kim request.der -no_nonce
ask kim request-nonce.der -nonce
ask kim request-sha256.der -no_nonce -sha256
ask lee request-lee.der -no_nonce
ask max request-max.der -no_nonce
answer request.der response.der ca
answer request-nonce.der response-nonce.der responder
answer request-lee.der response-revoked.der responder
answer request-max.der response-unknown.der ca
# OpenSSL as the client, to be sure that the files are good.
openssl ocsp -CAfile ca.pem -issuer ca.pem -cert kim.pem -respin response-nonce.der -no_nonce

cp ca.pem kim.der lee.der max.der sha1.der rsa1024.der weak.der below-weak.der crl.der request.der request-nonce.der \
    request-sha256.der response.der response-nonce.der response-revoked.der response-unknown.der "$out"
