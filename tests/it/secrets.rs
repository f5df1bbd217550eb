//! What is a secret and what is none, in everything that is printed or written: masked in each report, in no file that others can
//! read; and what is none stays readable.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;
use supconv::report::FORMATS;
use supconv::rules::{Page, catalogue};

use crate::support::corpus;
use crate::support::desk::{Desk, Run, flat, supconv, words};

/// Where a case stands in its file.
#[derive(Clone, Copy, Debug, PartialEq)]
enum At {
    /// A pair of `environment=` of the program: `NAME=value`, which gets quotes.
    Pair,
    /// The arguments of the program's command.
    Command,
    /// Lines of the program's section.
    Lines,
    /// Lines of sections of their own.
    Sections,
}
use At::{Command, Lines, Pair, Sections};

/// What is between « and » is the secret.
const SECRETS: &[(At, &str)] = &[
    // Names.
    (Pair, "APP_KEY=«base64:hunter2+abc=»"),
    (Pair, "SECRET_KEY_BASE=«hunter3»"),
    (Pair, "JWT_SIGNING_KEY=«hunter3x»"),
    (Pair, "app.encryption_key=«hunter3x»"),
    (Pair, "WP_AUTH_KEY=«hunter3x»"),
    (Pair, "RAILS_MASTER_KEY=«hunter3x»"),
    (Pair, "NEW_RELIC_LICENSE_KEY=«hunter3x»"),
    (Pair, "STRIPE_API_KEYS=«hunter3x»"),
    (Pair, "PRIVATE_KEY_B64=«aHVudGVyMw»"),
    (Pair, "TOKEN_KEY=«hunter3x»"),
    (Pair, "AzureAccountKey=«hunter3x»"),
    (Pair, "DB_PASSWORD=«/geheim!»"),
    (Pair, "DB_PASSWORD=«$geheim»"),
    (Pair, "DB_PASSWORD=«$6$rounds»"),
    (Pair, "DB_PASSWORD=«~geheim»"),
    (Pair, "DB_PASSWORD=«8675309»"),
    (Pair, "DB_PASSWORD=«geheim,with,commas;»"),
    (Pair, "DB_PASSWORD=«%%geheim%%»"),
    (Pair, "DB_PWD=«geheim»"),
    (Pair, "MYSQL_PWD=«~geheim»"),
    (Pair, "DBPASS=«geheim»"),
    (Pair, "DBPASSWORD=«geheim»"),
    (Pair, "PGPASSWORD=«8675309»"),
    (Pair, "SSH_PASSPHRASE=«geheim»"),
    (Pair, "REDIS_AUTH=«geheim»"),
    (Pair, "BASIC_AUTH=«u:geheim»"),
    (Pair, "DB_PASSWORDS=«geheim»"),
    (Pair, "API_TOKENS=«geheim»"),
    (Pair, "DB_PASSWORD_1=«geheim»"),
    (Pair, "DB_PASSWORD2=«geheim»"),
    (Pair, "DB_PASSWORD_PROD=«geheim»"),
    (Pair, "API_TOKEN_STAGING=«geheim»"),
    (Pair, "dbPassword=«geheim»"),
    (Pair, "clientSecret=«geheim»"),
    (Pair, "githubToken=«geheim»"),
    (Pair, "myApiKey=«geheim»"),
    (Pair, "AUTHTOKEN=«geheim»"),
    (Pair, "DB_PASWORD=«geheim»"),
    (Pair, "DB_PASSWROD=«geheim»"),
    (Pair, "DB_PW=«geheim»"),
    (Pair, "AWS_CREDS=«geheim»"),
    (Pair, "API-KEY=«geheim»"),
    (Pair, "RABBITMQ_ERLANG_COOKIE=«geheim»"),
    (Pair, "SENTRY_DSN=«https://geheim@o1.ingest.example.org/5»"),
    (Pair, "SLACK_WEBHOOK_URL=«https://chat.example.org/geheim»"),
    (Pair, "PASS_PHRASE=«geheim»"),
    (Pair, "SECRETKEYBASE=«geheim»"),
    (Pair, "TOKEN_GITHUB=«geheim»"),
    (Pair, "PASSWORD_ADMIN=«8675309»"),
    (Pair, "secretStripe=«geheim»"),
    (Pair, "FERNET_KEY=«geheim»"),
    (Pair, "SSH_KEY=«geheim»"),
    (Pair, "APP_SESSION_KEY=«geheim»"),
    (Pair, "JWT=«geheim»"),
    (Pair, "API_BEARER=«geheim»"),
    (Pair, "GITHUB_PAT=«geheim»"),
    (Pair, "VAULT_SECRET_ID=«geheim»"),
    (Pair, "HOST_PWD=«geheim»"),
    (Pair, "RESET_PASSWORD=«geheim»"),
    (Pair, "WEBHOOK=«T0/B0/geheim»"),
    (Pair, "API_TOKENS=«[geheim, geheimer]»"),
    (Pair, "SECRETS={'db': '«geheim»'}"),
    (Pair, "APP_PASSWORDS_JSON=«['geheim']»"),
    (Pair, "DB_PASSWORD=«${OTHER:-geheim}»"),
    (Pair, "DB_PASSWORD=«${OTHER:-${ANOTHER:=geheim}}»"),
    // Addresses.
    (Pair, "DB_DSN=«root:geheim@tcp(db:3306)/shop»"),
    (Pair, "DATABASE_URL=postgres://u:«geheim»@db/x"),
    (Pair, "DATABASE_URL=postgres://u:«ge/heim»@db/x"),
    (Pair, "DATABASE_URL=postgres://u:«ge@heim»@db/x"),
    (Pair, "CACHE=redis://:«8675309»@cache:6379/0"),
    (Pair, "BROKER=u:«geheim»@rabbit:5672"),
    (Pair, "RAVEN=https://«0123456789abcdef0123456789abcdef»@sentry.example.org/5"),
    (Pair, "ALERTS=https://hooks.slack.com/services/«T0/B0/geheim»"),
    (Pair, "HOOK=https://example.org/?a=1&token=«geheim»&b=2"),
    (Pair, "DATABASE_URL=postgres://u:«sesame tails»@db/x"),
    (Pair, "DATABASE_URL=postgres://u:«${PW:-geheim}»@db/x"),
    (Pair, "BROKER=u:«geheim»@10.0.0.1"),
    (Pair, "JDBC=jdbc:oracle:thin:u/«geheim»@db:1521/x"),
    (Pair, "JDBC=jdbc:oracle:thin:u/«geheim»@//db:1521/x"),
    // Shapes.
    (Pair, "OPENAI=«sk-geheim0123456789abcdefghijklmnopqrstuvwxyzABCDEF»"),
    (Pair, "HUB=«hf_geheim0123456789abcdefghijklmnop»"),
    (Pair, "HUB=«dckr_pat_geheim0123456789-abcdef»"),
    (Pair, "SHOP=«shpat_geheim0123456789abcdef0123456789»"),
    (Pair, "CLIENT=«GOCSPX-geheim0123456789abcdef»"),
    (Pair, "CLIENT=«ya29.geheim0123456789-abcdef»"),
    (Pair, "TRIGGER=«glptt-geheim0123456789abcdef»"),
    (Pair, "STRIPE=«rk_test_geheim0123456789»"),
    (Pair, "BOT=123456789:«AAgeheim0123456789-abcdef_ghijklmno»"),
    (Pair, "CALL=https://api.telegram.org/bot123456789:«AAgeheim0123456789-abcdef_ghijklmno»/getMe"),
    (Pair, "KEYS=-----BEGIN PGP PRIVATE KEY BLOCK-----«lQVYBGgeheim»-----END PGP PRIVATE KEY BLOCK-----"),
    (Pair, "DEPLOY=«ghp_geheim0123456789abcdefghijklmnopqrstuvwxyz»"),
    (Pair, "STRIPE=«sk_live_geheim0123456789»"),
    (Pair, "AWS_ID=«AKIAABCDEFGHIJKLMNOP»"),
    (Pair, "SESSION=«eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.geheim-abc_d»"),
    (Pair, "CERT=-----BEGIN RSA PRIVATE KEY-----«MIIEgeheim+x»-----END RSA PRIVATE KEY-----"),
    (Pair, "CONNECTION=Server=db;Uid=sa;Pwd=«geheim»;Pooling=yes"),
    (Pair, "CONNECTION=Driver=x;UID=sa;PWD=«geheim»"),
    (Pair, "CONNECTION=host=h password=«geheim12345»"),
    (Pair, "HEADER=Authorization: Bearer «geheim»"),
    (Pair, "HEADER=X-Api-Key: «geheim»"),
    // Commands.
    (Command, "--token=«geheim»"),
    (Command, "--db-password=«geheim»"),
    (Command, "--password «geheim»"),
    (Command, "--password '«ge heim»'"),
    (Command, "--password=«ge,heim»"),
    (Command, "'--password=«a geheim»'"),
    (Command, "--api-key «geheim»"),
    (Command, "--masterauth «geheim»"),
    (Command, "--requirepass «geheim»"),
    (Command, "--dbPassword «geheim»"),
    (Command, "-Ddb.password=«geheim» -jar x.jar"),
    (Command, "-Djavax.net.ssl.keyStorePassword=«geheim»"),
    (Command, "-passwd «geheim»"),
    (Command, "--basic-auth u:«geheim»"),
    (Command, "| env DB_PASSWORD=«geheim» cmd"),
    (Command, "https://example.org/?token=«geheim»"),
    (Command, "; psql \"host=h password=«geheim»\""),
    (Command, "; redis-cli -a «geheim» ping"),
    (Command, "; sshpass -p «geheim» ssh h"),
    (Command, "; sshpass -p«geheim» ssh h"),
    (Command, "; curl -u u:«geheim» http://h"),
    (Command, "; curl -sSu u:«geheim» http://h"),
    (Command, "; curl --user u:«geheim» http://h"),
    (Command, "; curl -H 'Authorization: Bearer «geheim»' http://h"),
    (Command, "; curl -H \"X-Api-Key: «geheim»\" http://h"),
    (Command, "; curl -d '{\"password\": \"«geheim»\"}' http://h"),
    (Command, "; mysql -p«geheim» db"),
    (Command, "; mysqldump -u root -p«geheim» db"),
    (Command, "; ldapsearch -x -w «geheim» -b dc=x"),
    (Command, "; openssl rsa -passin pass:«geheim»"),
    (Command, "; supervisorctl -u u -p «geheim» status"),
    (Command, "; mongodump -u u -p «geheim»"),
    (Command, "; bash -c \"mysql -p'«geheim»' db\""),
    (Command, "--config '{\"db\": {\"password\": \"«geheim»\", \"port\": 1}}'"),
    (Command, "--config \"{\\\"apiKey\\\": \\\"«geheim»\\\"}\""),
    (Command, "postgres://u:«geheim»@db/x"),
    (Command, "«xoxb-geheim0123456789»"),
    (Command, "; curl --user=\"u:«ge heim»\" http://h"),
    (Command, "; curl --user \"u:«ge heim»\" http://h"),
    (Command, "; curl '-HAuthorization: «geheim»' http://h"),
    (Command, "; curl -HX-Api-Key:«geheim» http://h"),
    (Command, "; curl --oauth2-bearer «geheim» http://h"),
    (Command, "; docker login -u u -p «geheim» registry"),
    (Command, "; az login -u u -p «geheim»"),
    (Command, "; mysqlslap -p«geheim»"),
    (Command, "; sqlplus -S u/«geheim»@db @x.sql"),
    (Command, "; sqlplus 'u/«geheim»@db as sysdba'"),
    (Command, "--password «-geheim-1»"),
    (Command, "--config '{\"tokens\": [«\"geheim\", \"geheimer\"»]}'"),
    (Command, "; sh -c 'app --password=«${X:-geheim}»'"),
    (Command, "; sh -c 'app ${API_TOKEN:-«geheim»}'"),
    // Options and lines.
    (Lines, "password=«geheim»"),
    (Lines, "api_token=\n  «geheim»"),
    (Lines, "environment=DB_PASSWORD=\n  «geheim»"),
    (Lines, "environment=DB_PASSWORD=\n  \"«ge heim»\",\n  B=\"2\""),
    (Lines, "password=«supervisor»%z"),
    (Lines, "passwd=«geheim»"),
    (Lines, "pasword=«geheim»"),
    (Lines, "api_token=«geheim»"),
    (Lines, "DB_PASSWORD: «geheim»"),
    (Lines, "environment=A=\"1\",\n  DB_PASSWORD: «geheim»"),
    (Lines, "environment=A=\"1\",\n DB_PASSWORD=\"«geheim»\",B=\"2\""),
    (Lines, "environment=DB_PASSWORD=«geheim»"),
    (Lines, "environment=api_key='«geheim»'"),
    (Lines, "environment=DB_PASSWORD = \"«geheim»\""),
    (Lines, "environment=DB_PASSWORD= «geheim»"),
    (Lines, "serverurl=http://u:«geheim»@localhost:9001"),
    (Lines, "environment=CERT=\"-----BEGIN PRIVATE KEY-----\n  «MIIEgeheim»\n  -----END PRIVATE KEY-----\""),
    (Sections, "[inet_http_server]\nport=9001\nusername=u\npassword=«geheim»"),
    (Sections, "[inet_http_server]\nport=9001\nusername=u\npassword=a\n  «geheim»"),
    (Sections, "[inet_http_server]\nport=9001\nusername=u\npassword=a #«geheim»"),
    (Sections, "[inet_http_server]\nport=9001\nusername=u\npasswd=«geheim»"),
    (Sections, "[inet_http_server]\nport=u:«geheim»@localhost:9001"),
    (Sections, "[inet_http_server]\nport=9001\npassword «geheim»"),
    (Sections, "[unix_http_server]\nfile=/run/s\nDB_PASSWORD «geheim!»"),
    (Sections, "[supervisorctl]\nserverurl=http://u:«geheim»@localhost\npassword=«geheim»"),
    (Sections, "[rpcinterface:x]\nsupervisor.rpcinterface_factory=a:b\napi_token=«geheim»%z"),
    // Where a value ends early, or is refused.
    (Lines, "environment=DB_PASSWORD=\"pa\\\"«ss-12345»\",B=\"2\""),
    (Lines, "environment=DB_PASSWORD=«sesame»;«tassel»"),
    (Lines, "environment=DB_PASSWORD=«sesame»,«tassel»"),
    (Lines, "environment=DB_PASSWORD='«sesame»' «tassel»"),
    (Lines, "environment=DB_PASSWORD=«sesame» «tassel»,B=\"1\""),
    (Lines, "environment=DB_PASSWORD \"«sesame-12345»\""),
    (Lines, "environment=A=\"1\", DB_PASSWORD «sesame-12345»"),
    (Lines, "environment=DB_PASSWORD_é=\"«sesame-12345»\""),
    (Lines, "environment=DB_PASSWORD=\"«sesame»!«tails-12»"),
    (Lines, "envrionment=DB_PASSWORD=\"«sesame-12»\" «tails-12»"),
    (Lines, "environment=DB_PASSWORD=[\"«sesame-12»\"]"),
    (Lines, "environment=A=1 DB_PASSWORD=«sesame» «tails-12»"),
    (Lines, "environment=DATABASE_URL=postgres://u:«sesame-1 tails-12»@db/x"),
    (Sections, "[inet_http_server]\nport=9001\nusername=u\npassword=«sesame-12»%(y)s"),
    (Sections, "[inet_http_server]\nport=9001\nusername=u\npassword=«x%(y)s»"),
    (
        Lines,
        "environment=KEY=\"-----BEGIN RSA PRIVATE KEY-----\n«MIIEgeheim+x12»\n«MIIEsesame/x12»\n«MIIEtails/x12»==\n-----END RSA PRIVATE KEY-----\"",
    ),
    (Lines, "environment=KEY=\"-----BEGIN RSA PRIVATE KEY-----\n«miiegeheim+x12»==\n-----END RSA PRIVATE KEY-----\""),
    // Clients behind others.
    (Command, "; env A=b mysql -p«geheim»"),
    (Command, "; gosu user mysql -p«geheim»"),
    (Command, "; docker exec -it db mysql -p«geheim»"),
    (Command, "; sh -c \"a=$(mysql -p«geheim» -e x)\""),
    (Command, "; sh -c 'while true; do mysql -p«geheim»; sleep 1; done'"),
    // Of one place at another.
    (
        Sections,
        "[inet_http_server]\nport=9001\nusername=u\npassword=«sesame-12345»\n[program:c]\ncommand=/c --with «sesame-12345»\nuser=c",
    ),
    (
        Sections,
        "[inet_http_server]\nport=9001\nusername=u\npassword=«OpenSesame»\n[program:c]\ncommand=/c\nuser=c\n\
         environment=COPY=\"x«OpenSesame»x\"",
    ),
    (
        Sections,
        "[inet_http_server]\nport=9001\nusername=u\npassword=«sesame-12345»\n[program:c]\ncommand=/c\nuser=c\n\
         directory=/srv/«sesame-12345»",
    ),
    (
        Sections,
        "[inet_http_server]\nport=9001\nusername=u\npassword=«sesame-12345»\n[program:c]\ncommand=/c\nuser=c\n\
         stdout_logfile=/var/log/«sesame-12345»/a.log",
    ),
    (
        Sections,
        "[inet_http_server]\nport=9001\nusername=u\npassword=«sesame-12345»\n[include]\nfiles=/x/«sesame-12345»/*.conf",
    ),
    (
        Sections,
        "[program:c]\ncommand=/c %(ENV_DB_PASSWORD)s\nuser=c\nenvironment=DB_PASSWORD=\"«geheim»\",COPY=\"%(ENV_DB_PASSWORD)s\"",
    ),
    (
        Sections,
        "[fcgi-program:c]\ncommand=/c\nuser=c\nsocket=unix:///run/«sesame-12345».sock\nenvironment=A_TOKEN=\"«sesame-12345»\"",
    ),
];

/// What is none, and stays: what is between « and ».
const PLAIN: &[(At, &str)] = &[
    (Pair, "MAX_TOKEN=«512k»"),
    (Pair, "NEXT_TOKEN=«opaque-cursor»"),
    (Pair, "TWO_PASS=«enabled»"),
    (Pair, "PROXY_PASS=«http://127.0.0.1:8000»"),
    (Pair, "CREDENTIALS=«include»"),
    (Pair, "GOOGLE_APPLICATION_CREDENTIALS=«keys/g.json»"),
    (Pair, "GOOGLE_APPLICATION_CREDENTIALS=«/etc/keys/g.json»"),
    (Pair, "AUTH_TOKEN=«required»"),
    (Pair, "LIMIT_TOKEN=«4,096»"),
    (Pair, "SECRET=«vault:secret/data/app»"),
    (Pair, "DB_PASSWORD=«vault:secret/data/app»"),
    (Pair, "DB_PASSWORD=«${DB_PASSWORD}»"),
    (Pair, "API_TOKEN=«arn:aws:secretsmanager:eu:1:secret:x»"),
    (Pair, "APP_KEY=«/run/secrets/key»"),
    (Pair, "MASTER_KEY=«5»"),
    (Pair, "SORT_KEY=«name»"),
    (Pair, "KEY=«value-of-it»"),
    (Pair, "MAX_TOKENS=«many»"),
    (Pair, "TOKENIZERS_PARALLELISM=«word»"),
    (Pair, "SECRET_NAME=«word-of-it»"),
    (Pair, "DB_PASSWORD_FILE=«word-of-it»"),
    (Pair, "PASSENGER_APP_ENV=«production»"),
    (Pair, "BYPASS=«word-of-it»"),
    (Pair, "COMPASS=«word-of-it»"),
    (Pair, "PWD=«/srv/app»"),
    (Pair, "OLDPWD=«/srv/app»"),
    (Pair, "HOST_PWD=«/srv/app»"),
    (Pair, "DB_PASSWORD=«no»"),
    (Pair, "SMTP_AUTH=«plain»"),
    (Pair, "ENABLE_AUTH=«true»"),
    (Pair, "NEXT_AUTH=«http://auth:8080/x»"),
    (Pair, "DB_DSN=«host=db dbname=shop»"),
    (Pair, "TARGET=«http://localhost:8080/a@b»"),
    (Pair, "IMAGE=«registry/app:1.2@sha256:0123»"),
    (Pair, "REPOSITORY=«git@example.org:a/b.git»"),
    (Pair, "LANG=«en_US.UTF-8»"),
    (Pair, "AUTHOR=«somebody»"),
    (Pair, "TOKEN_URL=«https://example.org/token»"),
    (Pair, "PASSWORD_MIN_LENGTH=«12»"),
    (Pair, "TIME=«10:30:00@daily»"),
    (Pair, "GIT_ASKPASS=«/usr/bin/x»"),
    (Pair, "SSH_ASKPASS=«word-of-it»"),
    (Pair, "APP_PWD=«/srv»"),
    (Pair, "CURRENT_PWD=«/srv/app»"),
    (Pair, "NODES=«rabbit:5672@host»"),
    (Pair, "PIP=«npm:x@1»"),
    (Pair, "JAR=«com.example:artifact:1.0@Main»"),
    (Pair, "JDBC=«jdbc:oracle:thin:@db:1521/x»"),
    (Pair, "WEBHOOK_URL=«http://localhost:8080/hook»"),
    (Pair, "WEBHOOK_URL=«http://bot:8080/hook»"),
    (Pair, "USE_AUTH=«word-of-it»"),
    (Pair, "AUTH=«google»"),
    (Pair, "FORGOT_PASSWORD=«/forgot»"),
    (Pair, "RESET_PASSWORD=«/account/reset»"),
    (Pair, "HAS_PASSWORD=«1»"),
    (Pair, "CSRF_TOKEN=«X-CSRF-Token»"),
    (Pair, "DB_PASSWORD=«@@DB_PASSWORD@@»"),
    (Pair, "DB_PASSWORD=«@DB_PASSWORD@»"),
    (Pair, "DB_PASSWORD=«__DB_PASSWORD__»"),
    (Pair, "DB_PASSWORD=«#{Db.Password}»"),
    (Pair, "DB_PASSWORD=«FILE:/run/x»"),
    (Pair, "DB_PASSWORD=«${DB_PASSWORD:-}»"),
    (Pair, "DB_PASSWORD=«${DB_PASSWORD:-$OTHER}»"),
    (Pair, "TOKEN_LIFETIME=«short-one»"),
    (Pair, "PASSWORD_HASHERS=«argon-of-it»"),
    (Pair, "SSH_KEY=«ssh-rsa AAAAB3NzaC1yc2E»"),
    (Pair, "TOKENS=«[]»"),
    (Pair, "URL=«http://[::1]:9001/ of a@b»"),
    (Command, "--password-file «/etc/pw»"),
    (Command, "--no-password «word»"),
    (Command, "--token-count «512»"),
    (Command, "-auth «/root/.Xauthority»"),
    (Command, "; ffmpeg -pass «2» -i a"),
    (Command, "-p «8080» -a «word»"),
    (Command, "; sh -c 'exec app --password=«$PASS»'"),
    (Command, "; sh -c 'PGPASSWORD=«$(cat /run/pw)» app'"),
    (Command, "; mysql -P «3306» db"),
    (Command, "; curl «http://localhost:8080/»"),
    (Command, "; docker run --secret «id=x» app"),
    (Command, "; celery -A app worker -n «w1@%%h»"),
    (Command, "; docker run --name mongo -p «27017:27017» mongo:6"),
    (Command, "; docker run --name mysql -p«3306:3306» x"),
    (Command, "; docker run --entrypoint curl -u «1000:1000» img"),
    (Command, "--backend mongo -p «8080»"),
    (Command, "; sh -c \"mysql x; app -p«8080»\""),
    (Command, "; npx «npm:lodash@4.17»"),
    (Command, "; npx «npm:lodash@4.17.21»"),
    (Command, "; java -m «com.example:artifact:1.0@Main»"),
    (Command, "--webhook «0.0.0.0:80»"),
    (Command, "--pwd «/srv/app»"),
    (Command, "; docker build --secret «source=x» ."),
    (Command, "; docker build --secret «type=env,id=x» ."),
    (Command, "--password --verbose «word»"),
    (Command, "--name \"mongo\" -p «27017:27017»"),
    (Command, "--password-stdin «word»"),
    (Command, "«http://db:8080 root@host»"),
    (
        Sections,
        "[program:c]\ncommand=/c\nuser=c\n[program:d]\ncommand=/d\nuser=d\n\
         environment=GOOGLE_APPLICATION_CREDENTIALS=«keys/g.json»,B",
    ),
    (Lines, "environment=A_TOKEN=«5» 6"),
    (
        Sections,
        "[inet_http_server]\nport=9001\nusername=u\npassword=supervisor\n[program:«supervisor»-c]\ncommand=/c\nuser=c",
    ),
    (Sections, "[inet_http_server]\nport=9001\nusername=u\npassword=app\n[program:c]\nuser=c\ncommand=/c --with «app»"),
    (
        Sections,
        "[program:c]\nuser=c\nenvironment=DB_PASSWORD=\"postgres\"\ncommand=«/usr/lib/postgresql/15/bin/postgres» -D /d",
    ),
    (Sections, "[program:c]\ncommand=/c\nuser=c\nenvironment=URL=\"«postgres://postgres:»postgres@db/postgres\""),
];

/// The file of a case, and what is between the marks.
fn file(at: At, case: &str, trouble: bool) -> (String, Vec<String>) {
    let between = case.split('«').skip(1).map(|rest| rest.split('»').next().unwrap().to_owned()).collect();
    let text = case.replace(['«', '»'], "");
    let bad = |bad: &'static str| if trouble { bad } else { "" };
    let head = "[supervisord]\nuser=root\nminfds=65536\n";
    let text = match at {
        Pair => {
            let (name, value) = text.split_once('=').unwrap();
            let pair = format!("{name}=\"{value}\"{}", bad(",B"));
            format!("{head}[program:a]\ncommand=/a\nuser=a\nenvironment={pair}\n")
        }
        Command => {
            // A program of its own, where the case names one.
            let command =
                text.strip_prefix("; ").or(text.strip_prefix("| ")).map_or(format!("/a {text}"), str::to_owned);
            format!("{head}[program:a]\ncommand={command}{}\nuser=a\n", bad(" %z"))
        }
        Lines => format!("{head}[program:a]\ncommand=/a\nuser=a\n{text}\n{}", bad(" dir=x\npriority=x\n")),
        Sections => format!("{head}{text}\n{}", bad("stopsignal=x\n")),
    };
    (text, between)
}

/// What is printed and written of a file, each with the command that does it. What `show` prints is not among it.
fn all_of(desk: &Desk) -> Vec<(String, String)> {
    let mut all = Vec::new();
    let mut keep = |command: &str, Run { out, err, .. }: Run| all.push((command.to_owned(), format!("{out}{err}")));
    for world in ["", "--env A=1"] {
        for format in FORMATS.iter().map(|format| format.name) {
            let command =
                format!("lint --pedantic --min-severity info --target systemd --format {format} {world} a.conf");
            keep(&command, desk.run(&command));
        }
        for arguments in ["", "--format json", "--allow-loss --out d --diff", "--allow-loss --out d", "--all"] {
            let command = format!("to-systemd {arguments} {world} a.conf");
            keep(&command, desk.run(&command));
        }
    }
    if let Ok(entries) = fs::read_dir(desk.join("d")) {
        for path in entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_file()) {
            all.push((path.display().to_string(), fs::read_to_string(path).unwrap()));
        }
    }
    all
}

#[test]
fn what_is_secret_is_neither_printed_nor_in_a_unit() {
    let mut leaks = Vec::new();
    for (at, case) in SECRETS {
        for trouble in [false, true] {
            let (text, secrets) = file(*at, case, trouble);
            let desk = Desk::of(&text);
            for (command, printed) in all_of(&desk) {
                // What is folded for a screen is one line again.
                let told = flat(&printed);
                for secret in &secrets {
                    // As it is written, as it is read, and as JSON has it.
                    let forms = [secret.clone(), secret.replace("%%", "%"), secret.replace('"', "\\\"")];
                    let part = forms.iter().find_map(|form| told.find(form.as_str()));
                    if let Some(at) = part.filter(|_| !is_own_word(secret)) {
                        let around: String =
                            told.chars().skip(told[..at].chars().count().saturating_sub(60)).take(120).collect();
                        leaks.push(format!("{case:?} (trouble: {trouble}): {command}: {around}"));
                    }
                }
            }
        }
    }
    assert!(leaks.is_empty(), "{} leaks:\n{}", leaks.len(), leaks.join("\n"));
}

/// A secret that is a word of the file, masked at its own place only.
fn is_own_word(secret: &str) -> bool {
    secret == "supervisor"
}

#[test]
fn what_is_no_secret_stays_readable() {
    let mut wrong = Vec::new();
    for (at, case) in PLAIN {
        let (text, readable) = file(*at, case, false);
        let desk = Desk::of(&text);
        let plan = desk.plan("--show-secrets");
        let hidden = plan["files"].as_array().unwrap().iter().any(|file| file["mode"] == "0600");
        let has_password = text.contains("PASSWORD=\"postgres") || text.contains("postgres@");
        if plan["files"].as_array().unwrap().is_empty() || (hidden && !has_password) {
            wrong.push(format!("{case:?}: {}", plan["losses"]));
        }
        // The lines around a fault.
        let (text, _) = file(*at, case, true);
        let human = Desk::of(&text).run("lint --pedantic --min-severity info a.conf");
        for part in readable {
            if !flat(&human.out).contains(&part) {
                wrong.push(format!("{case:?}: {}", human.out));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// A secret in the environment reaches the program all the same.
#[test]
fn what_is_put_away_is_in_the_file_of_secrets() {
    let mut wrong = Vec::new();
    for (_, case) in SECRETS.iter().filter(|(at, _)| *at == Pair) {
        let (text, secrets) = file(Pair, case, false);
        let plan = Desk::of(&text).plan("--show-secrets");
        let name = case.split('=').next().unwrap();
        let writable = name.chars().all(|c| c == '_' || c.is_ascii_alphanumeric());
        for file in plan["files"].as_array().unwrap() {
            let text = file["text"].as_str().unwrap();
            let holds = secrets.iter().all(|secret| text.contains(&secret.replace("%%", "%").replace('$', "\\$")));
            if holds != (file["mode"] == "0600") && writable {
                wrong.push(format!("{case}: {file}"));
            }
        }
        let lost = plan["losses"]
            .as_array()
            .unwrap()
            .iter()
            .any(|loss| loss["option"] == "environment" && loss["grade"] == "lost");
        if lost == writable {
            wrong.push(format!("{case}: {}", plan["losses"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn show_prints_what_it_is_asked_for_and_no_password_of_a_server() {
    for (text, hidden, printed) in [
        ("[inet_http_server]\nport=9001\nusername=u\npassword=geheim", "geheim", "9001"),
        ("[inet_http_server]\nport=u:geheim@localhost:9001", "geheim", "9001"),
        ("[program:a]\ncommand=/a\nserverurl=http://u:geheim@localhost", "geheim", "localhost"),
        ("[supervisorctl]\nserverurl=http://u:geheim@localhost\npassword=geheim", "geheim", ""),
        ("[program:a]\ncommand=/a\nserverurl=http://u:geheim@%(ENV_HOST)s", "geheim", "ENV_HOST"),
        ("[rpcinterface:x]\nsupervisor.rpcinterface_factory=a:b\napi_token=geheim", "geheim", ""),
        ("[rpcinterface:x]\nsupervisor.rpcinterface_factory=a:b\npassword=geheim%(ENV_X)s", "geheim", ""),
        ("[program:a]\ncommand=/a\npasswd=geheim", "geheim", "/a"),
        ("[program:a]\ncommand=/a --token geheim\nenvironment=DB_PASSWORD=\"sesame\"", "-", "geheim"),
        ("[program:a]\ncommand=/a\nenvironment=DB_PASSWORD=\"sesame\"", "-no-", "sesame"),
    ] {
        let desk = Desk::of(format!("[supervisord]\n{text}\n"));
        for command in ["show", "show --all", "show --format json", "show --raw"] {
            let Run { out, err, .. } = desk.run(&format!("{command} a.conf"));
            let shown = format!("{out}{err}");
            assert!(hidden == "-" || !shown.contains(hidden), "{command}: {text}: {shown}");
            assert!(shown.contains(printed), "{command}: {text}: {shown}");
        }
    }
}

/// The 65th secret of a program, the 33rd of a file: there is no last one.
#[test]
fn there_is_no_last_secret() {
    let pairs: Vec<String> = (0..200).map(|n| format!("A{n}_TOKEN=\"sesame-{n:05}\"")).collect();
    let text = format!(
        "[supervisord]\nuser=root\nminfds=65536\n[program:a]\nuser=a\ncommand=/a --with sesame-00199\nenvironment={},C=\"sesame-00150\"\n\
         [program:b]\nuser=b\ncommand=/b --with sesame-00197 %z\n",
        pairs.join(",")
    );
    let desk = Desk::of(&text);
    for (command, printed) in all_of(&desk) {
        assert!(!printed.contains("sesame-"), "{command}: {printed}");
    }
}

/// A path, a section and an option are told with a finding.
#[test]
fn what_a_finding_is_about_is_masked() {
    let desk = Desk::of(
        "[supervisord]\nuser=root\n[inet_http_server]\nport=9001\nusername=u\npassword=sesame-12345\n\
         [include]\nfiles=sesame-12345/*.conf\n[xsesame-12345]\na=b\n",
    );
    desk.write("sesame-12345/b.conf", "[program:b]\ncommand=/b && c\nxsesame-12345=x\nuser=u\n");
    for (command, printed) in all_of(&desk) {
        let at = printed.find("sesame").map(|at| &printed[at.saturating_sub(40)..]);
        assert_eq!(at, None, "{command}");
        assert!(!command.starts_with("lint") || printed.contains("***/b.conf"), "{command}: {printed}");
    }
}

/// A short password, or one that is a word of the file, is masked where it stands; anywhere else the mask would tell it.
#[test]
fn a_mask_does_not_tell_the_password() {
    for password in ["supervisor", "program", "app", "a", "localhost", "environment", "deployer"] {
        let text = format!(
            "[supervisord]\nuser=root\n[inet_http_server]\nport=localhost:9001\nusername=deployer\npassword={password}\n\
             [program:app]\nenvironment=A\ncommand=/a %z\nuser=deployer\n"
        );
        let desk = Desk::of(&text);
        let human = desk.run("lint --pedantic --min-severity info a.conf").out;
        let json = desk.run("lint --pedantic --min-severity info --format json a.conf").out;
        assert!(
            !human.contains("[***") && !human.contains("***]") && !json.contains("***"),
            "{password}: {human}{json}"
        );
        assert!(human.contains("password=***") || !human.contains("password="), "{password}: {human}");
    }
}

/// What one would put away of the files that people wrote: the names of the variables, or the option that is lost.
const PUT_AWAY: &[&str] = &[
    // `--credential ${CREDS:-admin:admin}`
    "163.conf: [program:gotty-web-terminal] command",
    "167.conf: [program:lenses-processor] command",
    "209.conf: UI_PASSWORD",
    "209.conf: LITELLM_MASTER_KEY",
    "209.conf: ANTHROPIC_API_KEY",
    "209.conf: OPENAI_API_KEY",
    "209.conf: DASHSCOPE_API_KEY",
    "407.conf: [program:acestream] command",
    "407.conf: [program:vlc] command",
];

#[test]
fn no_value_of_life_is_put_away_for_no_reason() {
    let mut away = BTreeSet::new();
    for path in corpus::all() {
        let name = path.file_name().unwrap().display().to_string();
        let shown = ["to-systemd", "--format", "json", "--show-secrets", "--allow-loss"];
        let run = supconv(&[&shown[..], &[&path.display().to_string()]].concat());
        let Ok(plan) = serde_json::from_str::<Value>(&run.out) else { continue };
        for file in plan["files"].as_array().unwrap().iter().filter(|file| file["mode"] == "0600") {
            let lines = file["text"].as_str().unwrap().lines().filter(|line| !line.starts_with('#'));
            away.extend(lines.map(|line| format!("{name}: {}", line.split('=').next().unwrap())));
        }
        let losses = plan["losses"].as_array().unwrap().iter();
        for loss in losses.filter(|loss| loss["message"].as_str().unwrap().contains("secret")) {
            let text = |key: &str| loss[key].as_str().unwrap();
            away.insert(format!("{name}: [{}] {}", text("section"), text("option")));
        }
    }
    let more: Vec<_> = away.iter().filter(|one| !PUT_AWAY.contains(&one.as_str())).collect();
    assert!(more.is_empty(), "{more:#?}");
    if corpus::from_life().is_some() {
        assert_eq!(away.len(), PUT_AWAY.len(), "{away:#?}");
    }
}

/// Our own words are never masked: of the files that people wrote no message and no help has a secret in it.
#[test]
fn our_own_words_are_never_masked() {
    let desk = Desk::new(&[]);
    let mut files: Vec<String> = corpus::all().iter().map(|path| path.display().to_string()).collect();
    for page in catalogue().into_iter().filter_map(Page::of) {
        let name = format!("{}.conf", files.len());
        desk.write(&name, page.bad);
        files.push(desk.path(&name));
    }
    for file in files {
        for command in ["lint --pedantic --min-severity info --format json", "to-systemd --format json"] {
            let run = supconv(&[&words(command)[..], &[file.as_str()]].concat());
            let Ok(document) = serde_json::from_str::<Value>(&run.out) else { continue };
            for list in ["findings", "losses", "errors"] {
                for finding in document[list].as_array().into_iter().flatten() {
                    for text in ["message", "help"].map(|key| finding[key].as_str().unwrap_or_default()) {
                        assert!(!text.contains("***"), "{file}: {text}");
                    }
                }
            }
        }
    }
}

/// The lines of a unit that are shown.
#[test]
fn the_secrets_of_a_unit_are_masked() {
    let environment = [
        "Environment=DB_PASSWORD=sesame-12345",
        "Environment=\"API_TOKEN=sesame-12345\"",
        "Environment=\"DB_PASSWORD=open sesame-12345\"",
        "Environment=A=1 DB_PASSWORD='open sesame-12345'",
        "SetCredential=db:sesame-12345",
        "ExecStartPre=/usr/bin/mysql -psesame-12345",
    ];
    for line in environment {
        let desk = Desk::of("[supervisord]\nuser=root\n[program:a]\ncommand=/a\nuser=u\n");
        desk.write("s.service", format!("[Service]\nExecStart=/usr/bin/supervisord\n{line}\nType=simple\n"));
        for format in FORMATS.iter().map(|format| format.name) {
            let run = desk.run(&format!("lint --format {format} --unit {} a.conf", desk.path("s.service")));
            assert!(run.out.contains("s.service"), "{format}: {}{}", run.out, run.err);
            assert!(!run.out.contains("sesame"), "{format}: {}", run.out);
            assert!(format != "human" || run.out.contains("***"), "{}", run.out);
        }
    }
}
