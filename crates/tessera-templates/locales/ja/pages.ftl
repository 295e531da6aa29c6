# What people read on the pages of Tessera, in Japanese.

product = Tessera
direction = ltr

username-label = ユーザー名
password-label = パスワード
password-show = パスワードを表示

login-title = ログイン
login-lead = 続けるにはログインしてください。
login-client = 「{ $client }」に進みます
login-submit = ログイン
login-problem-wrong-credentials = ユーザー名とパスワードが一致しません。両方を確認して、もう一度お試しください。
login-passkey = パスキーを使う
login-problem-wrong-passkey = このパスキーはここでは使えません。もう一度お試しになるか、パスワードでログインしてください。
login-problem-ended = ログインに時間がかかりすぎたか、失敗した回数が多すぎます。最初からやり直してください。
login-problem-wait =
    { $seconds ->
       *[other] 試行回数が多すぎます。{ $seconds } 秒待ってから、もう一度お試しください。
    }
login-problem-busy = ただいまログインが混み合っています。数秒後にもう一度お試しください。
login-problem-out-of-date = このページの情報は古くなっていました。もう一度ログインしてください。この表示が繰り返される場合は、このサイトの Cookie を許可してください。

passkey-problem = うまくいきませんでした。もう一度お試しになるか、別の方法を選んでください。
passkey-needs-script = パスキーとセキュリティキーには JavaScript が必要です。JavaScript を有効にするか、別の方法を選んでください。

# One more proof after the first one.
step-title = あと 1 ステップです
step-user = { $username } としてログインします。
step-client = { $username } としてログインし、「{ $client }」に進みます。
step-passkey = パスキーまたはセキュリティキーを使ってください。
step-totp = 認証アプリまたはキーフォブのコード
step-next-code = キーフォブに次に表示されるコード（長い間使っていなかった場合）
step-recovery-code = 回復コードのいずれか 1 つ
step-password = パスワード
step-submit = 続ける
step-use-passkey = パスキーまたはセキュリティキーを使う
step-use-totp = 認証アプリまたはキーフォブのコードを使う
step-use-recovery-code = 回復コードを使う
step-use-password = パスワードを使う
step-again = 別のアカウントでログイン
step-problem-wrong-passkey = このキーはここでは使えません。もう一度お試しになるか、別の方法を選んでください。
step-problem-wrong-code = コードが正しくないか、すでに使用されています。次のコードを待ってから、もう一度お試しください。
step-problem-wrong-recovery-code = コードが正しくないか、すでに使用されています。別のコードをお試しください。
step-problem-wrong-password = パスワードが正しくありません。もう一度お試しください。

accounts-title = アカウントの選択
accounts-continue = { $username } として続ける
accounts-other = 別のアカウントを使う

consent-title = 「{ $client }」がアカウントの使用を求めています
consent-user = { $username } としてログインしています。
consent-other = 別のアカウントを使う
consent-wants = アプリケーションが求めていること：
consent-nothing = アプリケーションが求めているのは、ご本人であることの確認だけです。
consent-problem-out-of-date = このページの情報は古くなっていました。まだ何も決定されていません。
scope-openid = ご本人であることを確認する
scope-profile = 氏名、ユーザー名、その他のプロフィール情報を見る
scope-email = メールアドレスを見る
scope-phone = 電話番号を見る
scope-address = 住所を見る
scope-groups = 所属するグループを見る
scope-offline-access = ご利用中でないときも、このアクセスを保持する
consent-return = どちらを選んでも、{ $host } に戻ります。
consent-allow = 許可する
consent-deny = 許可しない

logout-title = ログアウトしますか？
logout-user = { $username } としてログインしています。
logout-lead = ログアウトすると、ここでのセッションと、それを使うアプリケーションのセッションが終了します。ご利用中でないときもアクセスを保持できるアプリケーションは、アクセスを保持します。
logout-submit = ログアウト
logout-cancel = キャンセル
logout-problem-out-of-date = このページの情報は古くなっていました。まだログインしています。
logout-now-title = ログアウトしています
logout-now-lead = 何も起こらない場合は、ボタンを押してください。

logged-out-title = ログアウトしました
logged-out-lead = このブラウザーでのセッションは終了しました。このウィンドウを閉じてもかまいません。
nobody-title = ここではログインしていません
nobody-lead = このブラウザーには、終了できるセッションがありません。別のブラウザーでログインしている場合は、そのブラウザーでログアウトしてください。
logged-out-return = 「{ $client }」に戻る
logged-out-login = ログイン

home-title = アカウント
home-user = { $username } としてログインしています。
home-applications = アカウントにアクセスできるアプリケーション
home-application-since = { $date } から
home-none = アカウントにアクセスできるアプリケーションはありません。
home-logout = ログアウト
home-account = ログイン方法

account-title = ログイン方法
account-home = アカウントに戻る
account-password = パスワード
account-no-password = パスワードを設定
account-added = { $date } に追加
account-used = { $date } に最後に使用
account-recovery-codes = 回復コード
account-codes-left =
    { $codes ->
        [0] 残りなし
       *[other] 残り { $codes } 個
    }
account-add-passkey = パスキーまたはセキュリティキーを追加
account-add-totp = 認証アプリを追加
account-name-label = 名前
account-cancel = 戻る
account-problem-name = 1 文字以上 60 文字以内の名前を付けてください。
account-problem-code = コードが正しくありません。アプリの次のコードを待ってから、もう一度お試しください。
account-problem-taken = このキーはすでに登録されています。
account-problem-too-many = ログイン方法の数が上限に達しています。先に 1 つ削除してください。
account-problem-ceremony = うまくいきませんでした。もう一度お試しください。
account-problem-last-factor = これは最後のログイン方法です。先に別のログイン方法を追加してください。
account-problem-out-of-date = このページの情報は古くなっていました。まだ何も変更されていません。

passkey-lead = スマートフォン、パソコン、またはセキュリティキーを使って、フィッシングの心配なくログインできます。
passkey-submit = 追加

totp-lead = この QR コードを認証アプリで読み取り、アプリに表示されるコードを入力してください。
totp-qr = 認証アプリ用の QR コード
totp-secret = または、このキーをアプリに入力してください：
totp-open = このデバイスのアプリを開く
totp-code-label = アプリのコード
totp-submit = 追加

codes-lead = 回復コードを使うと、ほかのログイン方法を失ったときにもログインできます。各コードは 1 回だけ使えます。
codes-replaced =
    { $codes ->
       *[other] コードが { $codes } 個残っています。新しいコードを作成すると、残っているコードは使えなくなります。
    }
codes-submit = 新しいコードを作成
codes-made = これらのコードを印刷するか書き留めて、安全な場所に保管してください。表示されるのは今だけです。
codes-done = 保管しました

authenticator-passkey = パスキー
authenticator-security-key = セキュリティキー
authenticator-totp = 認証アプリ
authenticator-fob = キーフォブ
authenticator-unknown = その他のログイン方法
authenticator-rename = 名前を変更
authenticator-remove = 削除
authenticator-remove-lead = 削除すると、ここ以外ではすべてログアウトされます。
authenticator-of-organization = このキーフォブは組織のものです。削除できるのは管理者だけです。

error-bad-request-title = このリクエストは読み取れません
error-bad-request-lead = アプリケーションから、ここでは意味をなさない内容が送られました。アプリケーションに戻って、もう一度お試しください。解決しない場合は、アプリケーションの運営者にお知らせください。
error-unknown-client-title = 不明なアプリケーション
error-unknown-client-lead = お客様をここへ移動させたアプリケーションは、登録されていません。アクセス元が正しいことを確認し、アプリケーションの運営者にお知らせください。
error-bad-redirect-title = 不明な戻り先アドレス
error-bad-redirect-lead = アプリケーションが指定した戻り先アドレスは、そのアプリケーション用に登録されていません。安全のため、移動を中止しました。アプリケーションの運営者にお知らせください。
error-bad-redirect-missing = アプリケーションが戻り先アドレスを指定していません。アプリケーションの運営者にお知らせください。
error-bad-redirect-address = アドレス：
error-bad-redirect-register = このサービスの運営者は、次のようにアドレスを登録します：
error-bad-redirect-localhost = 任意のポートを使えるのは http://127.0.0.1 と http://[::1] だけです。このアドレスをそのまま登録するか、アプリケーションが http://127.0.0.1 を使うようにしてください。
error-expired-title = このリンクは使えなくなりました
error-expired-lead = 何も変更されていません。アプリケーションに戻って、最初からやり直してください。
error-cross-site-title = このフォームはここから送られたものではありません
error-cross-site-lead = 何も変更されていません。アプリケーションに戻って、最初からやり直してください。もう一度この表示が出る場合は、このサイトの Cookie を許可してください。
error-not-found-title = このページはありません
error-not-found-lead = アドレスを確認するか、元のアプリケーションに戻ってください。
error-unavailable-title = 一時的にご利用いただけません
error-unavailable-lead =
    { $seconds ->
       *[other] 何も失われていません。{ $seconds } 秒後にもう一度お試しください。
    }
error-internal-title = 問題が発生しました
error-internal-lead = お客様の操作が原因ではありません。前のページに戻って、もう一度お試しください。解決しない場合は、このサービスの運営者にお知らせください。
error-reference = 参照番号：
error-home = スタートページへ

help-link = ヘルプ

form-post-title = アプリケーションに戻ります
form-post-lead = アプリケーションに戻っています。何も起こらない場合は、ボタンを押してください。
form-post-submit = 続ける
