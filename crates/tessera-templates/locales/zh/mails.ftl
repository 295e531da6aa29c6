# 人们在 Tessera 的邮件中读到的文字，简体中文。

mail-not-you = 如果是您本人操作，则无需做任何事。如果不是，可能有其他人在使用您的账号：请告诉此服务的运营者。
mail-factor = 登录方式：{ $factor }
mail-account = 账号：{ $account }
mail-when = 时间：{ $when }
mail-address = 网络地址：{ $address }
mail-browser = 浏览器：{ $browser }
mail-administrator = 由此服务的运营者操作

mail-until = 有效期至 { $when }。
mail-secret = 请不要告诉任何人。此服务的运营者绝不会向您索取。
mail-not-asked = 如果这不是您的请求，请忽略此邮件。不会发生任何事。

mail-password-changed-subject = 您的密码已更改
mail-password-changed-lead = 您的账号密码已更改。
mail-factor-added-subject = 新的登录方式
mail-factor-added-lead = 您的账号有了新的登录方式。
mail-factor-removed-subject = 登录方式已移除
mail-factor-removed-lead = 您的账号移除了一种登录方式。
mail-email-changed-subject = 您的电子邮件地址已更改
mail-email-changed-lead = 您的账号的电子邮件地址已更改。今后的邮件将发送到新地址。
mail-recovery-codes-made-subject = 新的恢复代码
mail-recovery-codes-made-lead = 您的账号有了新的恢复代码。旧的已失效。

mail-verify-email-subject = 确认您的电子邮件地址
mail-verify-email-lead = 打开此链接以确认该地址属于您：
mail-verify-email-open = 确认地址
mail-reset-password-subject = 设置新密码
mail-reset-password-lead = 打开此链接以设置新密码：
mail-reset-password-open = 设置密码
mail-invitation-subject = 您的邀请
mail-invitation-lead = 您可以在这里拥有账号。打开此链接以创建账号：
mail-invitation-open = 创建账号
mail-login-link-subject = 您的登录链接
mail-login-link-lead = 打开此链接以登录：
mail-login-link-open = 登录
mail-login-code-subject = 您的登录验证码
mail-login-code-lead = 请在登录页面输入此验证码：

mail-test-subject = 测试
mail-test-lead = 这是一封测试邮件。邮件可以正常发出。
