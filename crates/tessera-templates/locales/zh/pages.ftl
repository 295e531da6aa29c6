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
login-problem-wait =
    { $seconds ->
       *[other] 尝试次数过多。请等待 { $seconds } 秒后重试。
    }
login-problem-busy = 当前登录人数较多。请在几秒后重试。
login-problem-out-of-date = 此页面已过期。请重新登录。如果多次看到此提示，请允许本网站使用 Cookie。

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
