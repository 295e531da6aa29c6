# What people read about a new password on the pages of Tessera, in Japanese.

password-lead = 新しいパスワードを設定すると、ここ以外ではすべてログアウトされます。
password-current-label = 現在のパスワード
password-new-label = 新しいパスワード
password-submit = パスワードを変更
password-problem-wrong-current = 現在のパスワードが正しくありません。もう一度お試しください。
password-problem-too-short = { $min } 文字以上にしてください。
password-problem-too-long = パスワードが長すぎます。もっと短いものにしてください。
password-problem-nul = 入力できない文字が含まれています。別のパスワードにしてください。
password-problem-same-as-old = これは以前のパスワードです。新しいものにしてください。
password-problem-like-old = 以前のパスワードとほとんど同じです。新しいものにしてください。
password-problem-guessable = このパスワードは推測されやすいです。互いに関係のない単語をいくつか組み合わせてください。
password-problem-breached = このパスワードは他のサービスから漏えいしたことがあります。使ったことのないものにしてください。
password-problem-not-looked-up = 現在、パスワードを確認できません。しばらくしてからもう一度お試しください。
