# What people read about a new password on the pages of Tessera, in Chinese.

password-lead = 设置新密码后，您将在其他所有地方退出登录。
password-current-label = 当前密码
password-new-label = 新密码
password-submit = 更改密码
password-problem-wrong-current = 当前密码不正确。请重试。
password-problem-too-short = 请至少使用 { $min } 个字符。
password-problem-too-long = 此密码过长。请选择较短的密码。
password-problem-nul = 此密码含有无法输入的字符。请选择其他密码。
password-problem-same-as-old = 这是旧密码。请选择新密码。
password-problem-like-old = 这是略作改动的旧密码。请选择新密码。
password-problem-guessable = 此密码容易被猜到。请使用几个互不相关的词。
password-problem-breached = 此密码曾从其他服务泄露。请选择您从未用过的密码。
password-problem-not-looked-up = 目前无法检查密码。请稍后再试。
