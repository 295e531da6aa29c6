# Tessera のメールで人が読む文章、日本語。

mail-not-you = ご本人の操作であれば、何もする必要はありません。心当たりがない場合は、ほかの人がアカウントを使っている可能性があります。このサービスの運営者に連絡してください。
mail-factor = ログイン方法：{ $factor }
mail-account = アカウント：{ $account }
mail-when = 日時：{ $when }
mail-address = ネットワークアドレス：{ $address }
mail-browser = ブラウザー：{ $browser }
mail-administrator = このサービスの運営者による操作

mail-until = { $when } まで有効です。
mail-secret = だれにも教えないでください。このサービスの運営者がたずねることはありません。
mail-not-asked = 依頼した覚えがない場合は、このメールを無視してください。何も起こりません。

mail-password-changed-subject = パスワードが変更されました
mail-password-changed-lead = アカウントのパスワードが変更されました。
mail-factor-added-subject = 新しいログイン方法
mail-factor-added-lead = アカウントに新しいログイン方法が追加されました。
mail-factor-removed-subject = ログイン方法が削除されました
mail-factor-removed-lead = アカウントからログイン方法が削除されました。
mail-email-changed-subject = メールアドレスが変更されました
mail-email-changed-lead = アカウントのメールアドレスが変更されました。今後のメールは新しいアドレスに届きます。
mail-recovery-codes-made-subject = 新しい回復コード
mail-recovery-codes-made-lead = アカウントに新しい回復コードが作られました。古いコードは使えません。

mail-verify-email-subject = メールアドレスの確認
mail-verify-email-lead = このアドレスがご自身のものであることを確認するには、次のリンクを開いてください：
mail-verify-email-open = アドレスを確認
mail-reset-password-subject = 新しいパスワードの設定
mail-reset-password-lead = 新しいパスワードを設定するには、次のリンクを開いてください：
mail-reset-password-open = パスワードを設定
mail-invitation-subject = ご招待
mail-invitation-lead = ここにアカウントを作ることができます。次のリンクを開いてください：
mail-invitation-open = アカウントを作成
mail-login-link-subject = ログイン用のリンク
mail-login-link-lead = ログインするには、次のリンクを開いてください：
mail-login-link-open = ログイン
mail-login-code-subject = ログイン用のコード
mail-login-code-lead = ログイン中の画面に次のコードを入力してください：

mail-test-subject = テスト
mail-test-lead = これはテストです。メールは送信されています。
