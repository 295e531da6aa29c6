# What people read on the pages of Tessera, in Chinese (simplified characters).

product = Tessera
direction = ltr

username-label = 用户名
password-label = 密码
password-show = 显示密码

login-title = 登录
login-lead = 请登录以继续。
login-client = 继续前往“{ $client }”
login-submit = 登录
login-problem-wrong-credentials = 用户名与密码不匹配。请检查后重试。
login-passkey = 使用通行密钥
login-problem-wrong-passkey = 此通行密钥无法在此处使用。请重试，或使用密码登录。
login-problem-ended = 登录耗时过长或失败次数过多。请重新开始。
login-problem-wait =
    { $seconds ->
       *[other] 尝试次数过多。请等待 { $seconds } 秒后重试。
    }
login-problem-busy = 当前登录人数较多。请在几秒后重试。
login-problem-out-of-date = 此页面已过期。请重新登录。如果多次看到此提示，请允许本网站使用 Cookie。

passkey-problem = 操作未成功。请重试，或选择其他方式。
passkey-needs-script = 通行密钥和安全密钥需要使用 JavaScript。请启用 JavaScript，或选择其他方式。

# One more proof after the first one.
step-title = 还差一步
step-user = 您正在以 { $username } 的身份登录。
step-client = 您正在以 { $username } 的身份登录，以继续前往“{ $client }”。
step-passkey = 请使用您的通行密钥或安全密钥。
step-totp = 身份验证器应用或密钥卡中的验证码
step-next-code = 密钥卡显示的下一个验证码（如果您很久没有使用它）
step-recovery-code = 任意一个恢复代码
step-password = 密码
step-submit = 继续
step-use-passkey = 使用通行密钥或安全密钥
step-use-totp = 使用身份验证器应用或密钥卡中的验证码
step-use-recovery-code = 使用恢复代码
step-use-password = 使用密码
step-again = 使用其他账号登录
step-problem-wrong-passkey = 此密钥无法在此处使用。请重试，或选择其他方式。
step-problem-wrong-code = 验证码不正确或已被使用。请等待下一个验证码后重试。
step-problem-wrong-recovery-code = 恢复代码不正确或已被使用。请尝试另一个。
step-problem-wrong-password = 密码不正确。请重试。

accounts-title = 选择账号
accounts-continue = 以 { $username } 的身份继续
accounts-other = 使用其他账号

consent-title = “{ $client }”想要使用您的账号
consent-user = 您已以 { $username } 的身份登录。
consent-other = 使用其他账号
consent-wants = 该应用请求：
consent-nothing = 该应用只请求确认是您本人。
consent-problem-out-of-date = 此页面已过期。尚未做出任何决定。
scope-openid = 确认是您本人
scope-profile = 查看您的姓名、用户名和其他个人资料
scope-email = 查看您的电子邮件地址
scope-phone = 查看您的电话号码
scope-address = 查看您的邮寄地址
scope-groups = 查看您所在的群组
scope-offline-access = 在您离开期间保留此访问权限
consent-return = 无论您如何选择，都将返回 { $host }。
consent-allow = 允许
consent-deny = 不允许

logout-title = 要退出登录吗？
logout-user = 您已以 { $username } 的身份登录。
logout-lead = 退出登录后，您在此处的会话以及使用该会话的应用中的会话都将结束。可在您离开期间保留访问权限的应用会继续保留该权限。
logout-submit = 退出登录
logout-cancel = 取消
logout-problem-out-of-date = 此页面已过期。您仍处于登录状态。
logout-now-title = 正在退出登录
logout-now-lead = 如果没有反应，请点击按钮。

logged-out-title = 您已退出登录
logged-out-lead = 您在此浏览器中的会话已结束。您可以关闭此窗口。
nobody-title = 您未在此处登录
nobody-lead = 此浏览器中没有可以结束的会话。如果您在其他浏览器中登录，请在那里退出登录。
logged-out-return = 返回“{ $client }”
logged-out-login = 登录

home-title = 您的账号
home-user = 您已以 { $username } 的身份登录。
home-applications = 有权访问您账号的应用
home-application-since = 自 { $date } 起
home-none = 没有应用有权访问您的账号。
home-logout = 退出登录
home-account = 登录方式

account-title = 登录方式
account-home = 返回您的账号
account-password = 密码
account-no-password = 设置密码
account-added = 添加于 { $date }
account-used = 上次使用于 { $date }
account-recovery-codes = 恢复代码
account-codes-left =
    { $codes ->
        [0] 无剩余
       *[other] 剩余 { $codes } 个
    }
account-add-passkey = 添加通行密钥或安全密钥
account-add-totp = 添加身份验证器应用
account-name-label = 名称
account-cancel = 返回
account-problem-name = 请输入 1 到 60 个字符的名称。
account-problem-code = 验证码不正确。请等待应用中的下一个验证码后重试。
account-problem-taken = 此密钥已登记。
account-problem-too-many = 您的登录方式数量已达上限。请先移除一种。
account-problem-ceremony = 操作未成功。请重试。
account-problem-last-factor = 这是您最后一种登录方式。请先添加另一种。
account-problem-out-of-date = 此页面已过期。尚未做出任何更改。

passkey-lead = 使用手机、电脑或安全密钥登录，防范网络钓鱼。
passkey-submit = 添加

totp-lead = 请使用身份验证器应用扫描此二维码，然后输入应用显示的验证码。
totp-qr = 用于身份验证器应用的二维码
totp-secret = 或者在应用中输入此密钥：
totp-open = 打开此设备上的应用
totp-code-label = 应用中的验证码
totp-submit = 添加

codes-lead = 如果您失去了其他登录方式，可以使用恢复代码登录。每个代码只能使用一次。
codes-replaced =
    { $codes ->
       *[other] 您还剩 { $codes } 个代码。创建新代码后，剩余的代码将失效。
    }
codes-submit = 创建新代码
codes-made = 请打印或抄写这些代码，并保存在安全的地方。这些代码只在此时显示。
codes-done = 我已保存

authenticator-passkey = 通行密钥
authenticator-security-key = 安全密钥
authenticator-totp = 身份验证器应用
authenticator-fob = 密钥卡
authenticator-unknown = 其他登录方式
authenticator-rename = 重命名
authenticator-remove = 移除
authenticator-remove-lead = 移除后，您将在其他所有地方退出登录。
authenticator-of-organization = 此密钥卡属于您的组织。只有管理员可以移除它。

error-bad-request-title = 无法读取此请求
error-bad-request-lead = 应用发送了无法识别的内容。请返回该应用并重试。如果问题仍然存在，请告知该应用的管理人员。
error-unknown-client-title = 未知应用
error-unknown-client-lead = 将您转到此处的应用未在此登记。请确认来源无误，然后告知该应用的管理人员。
error-bad-redirect-title = 未知的返回地址
error-bad-redirect-lead = 应用想要将您转到未为其登记的地址。为了您的安全，您将留在此处。请告知该应用的管理人员。
error-bad-redirect-missing = 应用没有说明您要返回的地址。请告知该应用的管理人员。
error-bad-redirect-address = 地址：
error-bad-redirect-register = 本服务的管理人员这样登记地址：
error-bad-redirect-localhost = 只有 http://127.0.0.1 和 http://[::1] 可以使用任意端口。请按原样登记此地址，或让应用使用 http://127.0.0.1。
error-expired-title = 此链接已失效
error-expired-lead = 未做任何更改。请返回应用并重新开始。
error-cross-site-title = 此表单并非来自此处
error-cross-site-lead = 未做任何更改。请返回应用并重新开始。如果再次看到此提示，请允许本网站使用 Cookie。
error-not-found-title = 没有此页面
error-not-found-lead = 请检查地址，或返回之前的应用。
error-unavailable-title = 服务暂时不可用
error-unavailable-lead =
    { $seconds ->
       *[other] 没有丢失任何内容。请在 { $seconds } 秒后重试。
    }
error-internal-title = 出现问题
error-internal-lead = 这不是您的问题。请返回并重试。如果问题仍然存在，请告知本服务的管理人员。
error-reference = 参考编号：
error-home = 前往首页

help-link = 获取帮助

form-post-title = 返回应用
form-post-lead = 正在返回应用。如果没有反应，请点击按钮。
form-post-submit = 继续
